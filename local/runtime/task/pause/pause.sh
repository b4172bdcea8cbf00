# Arguments: the task's address in its VPC, the load balancer's address there, and the ports that it publishes.
# Either address may be "-". A line "ready" says that the namespace is as it should be.
set -eu
ip=$1
peer=$2
shift 2
if [ "$ip" != - ]; then
	ip address add "$ip/32" dev lo
fi
if [ "$peer" != - ]; then
	for port in "$@"; do
		# Who comes through the published port comes, for the containers, from the load balancer.
		iptables -w -t nat -A INPUT -i eth0 -p tcp --dport "$port" -j SNAT --to-source "$peer"
	done
fi
echo ready
# Another user has none of the rights that this took. The shell ends at once when it is asked to.
exec setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs \
	sh -c 'trap "exit 0" TERM INT; sleep infinity & wait'
