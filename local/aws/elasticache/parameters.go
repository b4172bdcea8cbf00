package elasticache

import (
	"slices"
	"strconv"
	"strings"
)

// parameter is one of a parameter group.
type parameter struct {
	// allowed are AWS's words for the values: a list, or a range of whole numbers; empty for any text.
	allowed string
	// fixed parameters cannot be changed.
	fixed bool
}

const (
	yesNo  = "yes,no"
	number = "0-4294967295"
	large  = "0-9223372036854775807"
)

// parameters are those of Redis 7 and Valkey 7 to 9, from the ElastiCache user guide, Valkey and Redis OSS parameters.
var parameters = map[string]parameter{
	"acl-pubsub-default": {allowed: "allchannels,resetchannels"}, "acllog-max-len": {allowed: "1-10000"}, "activedefrag": {allowed: yesNo},
	"active-defrag-cycle-max": {allowed: "1-75"}, "active-defrag-cycle-min": {allowed: "1-75"}, "active-defrag-ignore-bytes": {allowed: large},
	"active-defrag-max-scan-fields": {allowed: number}, "active-defrag-threshold-lower": {allowed: "1-100"},
	"active-defrag-threshold-upper": {allowed: "1-100"}, "active-expire-effort": {allowed: "1-10"}, "activerehashing": {allowed: yesNo},
	"appendfsync": {fixed: true}, "appendonly": {fixed: true},
	"client-output-buffer-limit-normal-hard-limit": {allowed: large}, "client-output-buffer-limit-normal-soft-limit": {allowed: large},
	"client-output-buffer-limit-normal-soft-seconds": {allowed: number}, "client-output-buffer-limit-pubsub-hard-limit": {allowed: large},
	"client-output-buffer-limit-pubsub-soft-limit": {allowed: large}, "client-output-buffer-limit-pubsub-soft-seconds": {allowed: number},
	"client-output-buffer-limit-replica-soft-seconds": {fixed: true}, "client-query-buffer-limit": {allowed: "1048576-1073741824"},
	"close-on-replica-write": {allowed: yesNo}, "cluster-allow-pubsubshard-when-down": {allowed: yesNo}, "cluster-allow-reads-when-down": {allowed: yesNo},
	"cluster-databases": {allowed: "1-1200000"}, "cluster-enabled": {allowed: yesNo}, "cluster-preferred-endpoint-type": {allowed: "ip,tls-dynamic"},
	"cluster-require-full-coverage": {allowed: yesNo}, "commandlog-execution-slower-than": {allowed: "-1-9223372036854775807"},
	"commandlog-large-reply-max-len": {allowed: large}, "commandlog-large-request-max-len": {allowed: large},
	"commandlog-reply-larger-than": {allowed: large}, "commandlog-request-larger-than": {allowed: large}, "commandlog-slow-execution-max-len": {allowed: large},
	"databases": {allowed: "1-1200000"}, "hash-max-listpack-entries": {allowed: large}, "hash-max-listpack-value": {allowed: large},
	"hash-max-ziplist-entries": {allowed: large}, "hash-max-ziplist-value": {allowed: large}, "hll-sparse-max-bytes": {allowed: "1-16000"},
	"latency-tracking": {allowed: yesNo}, "lazyfree-lazy-eviction": {allowed: yesNo}, "lazyfree-lazy-expire": {allowed: yesNo},
	"lazyfree-lazy-server-del": {allowed: yesNo}, "lazyfree-lazy-user-del": {allowed: yesNo}, "lazyfree-lazy-user-flush": {allowed: yesNo},
	"lfu-decay-time": {allowed: number}, "lfu-log-factor": {allowed: "1-4294967295"}, "list-compress-depth": {allowed: number},
	"list-max-listpack-size": {}, "list-max-ziplist-size": {}, "lua-time-limit": {fixed: true}, "maxclients": {fixed: true}, "maxmemory": {fixed: true},
	"maxmemory-clients": {}, "maxmemory-policy": {
		allowed: "volatile-lru,allkeys-lru,volatile-lfu,allkeys-lfu,volatile-random,allkeys-random,volatile-ttl,noeviction",
	},
	"maxmemory-samples": {allowed: "1-4294967295"}, "min-replicas-max-lag": {allowed: number}, "min-replicas-to-write": {allowed: number},
	"min-slaves-max-lag": {allowed: number}, "min-slaves-to-write": {allowed: number}, "notify-keyspace-events": {},
	"proto-max-bulk-len": {allowed: "1048576-536870912"}, "rename-commands": {}, "repl-backlog-size": {allowed: large}, "repl-backlog-ttl": {fixed: true},
	"repl-timeout": {fixed: true}, "replica-allow-chaining": {fixed: true}, "replica-ignore-maxmemory": {fixed: true},
	"replica-lazy-flush": {allowed: yesNo}, "reserved-memory": {allowed: large}, "reserved-memory-percent": {allowed: "0-100"}, "search-fanout-target-mode": {},
	"search-query-timeout-ms": {allowed: "1-60000"}, "set-max-intset-entries": {allowed: large}, "set-max-listpack-entries": {allowed: large},
	"set-max-listpack-value": {allowed: large}, "slave-allow-chaining": {fixed: true}, "slowlog-log-slower-than": {allowed: "-1-9223372036854775807"},
	"slowlog-max-len": {allowed: large}, "stream-node-max-bytes": {allowed: number}, "stream-node-max-entries": {allowed: number},
	"supports-new-maxmemory-policy": {fixed: true}, "tcp-keepalive": {allowed: number}, "timeout": {allowed: "0,20-2147483647"},
	"tracking-table-max-keys": {allowed: "1-100000000"}, "zset-max-listpack-entries": {allowed: large}, "zset-max-listpack-value": {allowed: large},
	"zset-max-ziplist-entries": {allowed: large}, "zset-max-ziplist-value": {allowed: large},
}

// knownFamily tells whether the parameters of a family are known here.
func knownFamily(name string) bool {
	return slices.Contains([]string{"redis7", "valkey7", "valkey8", "valkey9"}, name)
}

// accepts tells whether a value is allowed.
func (p parameter) accepts(value string) bool {
	if p.allowed == "" {
		return true
	}
	for _, one := range strings.Split(p.allowed, ",") {
		if one == value {
			return true
		}
		i := strings.LastIndex(one, "-")
		if i <= 0 {
			continue
		}
		least, err := strconv.ParseInt(one[:i], 10, 64)
		most, failed := strconv.ParseInt(one[i+1:], 10, 64)
		n, none := strconv.ParseInt(value, 10, 64)
		if err == nil && failed == nil && none == nil && n >= least && n <= most {
			return true
		}
	}
	return false
}
