// Command smtpd is a mail server for tests: it takes mail from one user, over TLS only unless told otherwise, and
// prints every message.
package main

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/textproto"
	"os"
	"strings"
)

type server struct {
	tls            *tls.Config
	implicit, bare bool
	user, password string
}

func main() {
	certificate, key := flag.String("certificate", "", "certificate file"), flag.String("key", "", "private key file")
	s := &server{user: os.Getenv("SMTPD_USER"), password: os.Getenv("SMTPD_PASSWORD")}
	flag.BoolVar(&s.implicit, "implicit", false, "TLS from the first byte")
	flag.BoolVar(&s.bare, "bare", false, "no TLS at all")
	flag.Parse()
	if err := s.serve(*certificate, *key); err != nil {
		log.Fatal(err)
	}
}

func (s *server) serve(certificate, key string) error {
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return err
	}
	s.tls = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	listener, err := net.Listen("tcp", ":2525") //nolint:gosec // G102: it runs in a container of its own
	if err != nil {
		return err
	}
	log.Print("ready")
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			if err := s.session(connection); err != nil && !errors.Is(err, io.EOF) {
				log.Print("session: ", err)
			}
			_ = connection.Close() // the session is over
		}()
	}
}

// conversation is one connection, before or after its TLS handshake.
type conversation struct {
	*textproto.Reader
	w io.Writer
}

func (c conversation) say(line string) { _, _ = fmt.Fprint(c.w, line+"\r\n") }

func talk(connection net.Conn) conversation {
	return conversation{textproto.NewReader(bufio.NewReader(connection)), connection}
}

func (s *server) session(connection net.Conn) error {
	secure := s.implicit
	if secure {
		connection = tls.Server(connection, s.tls)
	}
	c := talk(connection)
	c.say("220 mail ready")
	authenticated := s.user == ""
	for {
		line, err := c.ReadLine()
		if err != nil {
			return err
		}
		verb, rest, _ := strings.Cut(line, " ")
		switch strings.ToUpper(verb) {
		case "EHLO", "HELO":
			c.say("250-mail")
			if !secure && !s.bare {
				c.say("250-STARTTLS")
			} else {
				c.say("250-AUTH LOGIN PLAIN")
			}
			c.say("250 8BITMIME")
		case "STARTTLS":
			if s.bare {
				c.say("502 not here")
				continue
			}
			c.say("220 go on")
			connection = tls.Server(connection, s.tls)
			c, secure = talk(connection), true
		case "AUTH":
			authenticated = s.authenticate(c, rest)
			if !authenticated {
				c.say("535 no")
				continue
			}
			c.say("235 yes")
		case "MAIL", "RCPT", "DATA":
			if !authenticated || (!secure && !s.bare) {
				c.say("530 not before TLS and a password")
				continue
			}
			if strings.EqualFold(verb, "DATA") {
				if err := take(c, secure); err != nil {
					return err
				}
				continue
			}
			log.Print(line)
			c.say("250 ok")
		case "QUIT":
			c.say("221 bye")
			return nil
		default:
			c.say("250 ok")
		}
	}
}

// take prints a message.
func take(c conversation, secure bool) error {
	c.say("354 go on")
	lines, err := c.ReadDotLines()
	if err != nil {
		return err
	}
	log.Printf("message, TLS %t\n%s\nend of message", secure, strings.Join(lines, "\n"))
	c.say("250 taken")
	return nil
}

func (s *server) authenticate(c conversation, how string) bool {
	method, first, _ := strings.Cut(how, " ")
	if strings.EqualFold(method, "PLAIN") {
		words := strings.Split(decoded(first), "\x00")
		return len(words) == 3 && words[1] == s.user && words[2] == s.password
	}
	answers := [2]string{}
	for n, question := range []string{"Username:", "Password:"} {
		c.say("334 " + base64.StdEncoding.EncodeToString([]byte(question)))
		line, err := c.ReadLine()
		if err != nil {
			return false
		}
		answers[n] = decoded(line)
	}
	return answers == [2]string{s.user, s.password}
}

func decoded(text string) string {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return ""
	}
	return string(b)
}
