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
if [ -d /gateway ]; then
	# 169.254.170.2 is the ECS agent's address for credentials. The names of AWS's APIs lead to 192.0.2.1, which is
	# nobody's (RFC 5737) and not private: clients may refuse to call private ones. What listens has ports that are the
	# agent's own on AWS, because a container may listen on 80 and 443 of all addresses.
	while read -r address port own; do
		ip address add "$address/32" dev lo
		iptables -w -t nat -A OUTPUT -d "$address" -p tcp --dport "$port" -j DNAT --to-destination "$address:$own"
	done <<-END
		169.254.170.2 80 51679
		192.0.2.1 443 51680
	END
fi
# Another user has none of the rights that this took.
exec setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs sh /hold.sh
