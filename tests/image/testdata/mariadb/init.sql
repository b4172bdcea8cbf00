CREATE DATABASE IF NOT EXISTS wordpress;
CREATE USER IF NOT EXISTS 'wordpress'@'%' IDENTIFIED BY 'correct horse' REQUIRE SSL;
GRANT ALL ON wordpress.* TO 'wordpress'@'%';
