# Passes on what the containers of the task say to AWS, and holds the namespace until it is asked to end.
set -eu
trap 'exit 0' TERM INT
if [ -d /gateway ]; then
	socat -t 10 TCP4-LISTEN:51679,bind=169.254.170.2,reuseaddr,fork,max-children=256 UNIX-CONNECT:/gateway/http &
	socat -t 10 TCP4-LISTEN:51680,bind=192.0.2.1,reuseaddr,fork,max-children=256 UNIX-CONNECT:/gateway/https &
	until [ "$(ss -Hltn '( sport = :51679 or sport = :51680 )' | wc -l)" = 2 ]; do
		sleep 0.02
	done
fi
echo ready
sleep infinity &
wait
