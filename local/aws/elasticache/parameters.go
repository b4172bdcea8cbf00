package elasticache

import (
	"slices"

	"wordpress-ecs/local/aws/parameter"
)

const (
	yesNo  = "yes,no"
	number = "0-4294967295"
	large  = "0-9223372036854775807"
)

// parameters are those of Redis 7 and Valkey 7 to 9, from the ElastiCache user guide, Valkey and Redis OSS parameters.
var parameters = parameter.Table{
	Families: func(family string) bool {
		return slices.Contains([]string{"redis7", "valkey7", "valkey8", "valkey9"}, family)
	},
	Place:   "local/aws/elasticache",
	Invalid: "Invalid value %s for parameter %s; allowed values are: %s",
	Of:      redis7,
}

var redis7 = map[string]parameter.Parameter{
	"acl-pubsub-default": {Allowed: "allchannels,resetchannels"}, "acllog-max-len": {Allowed: "1-10000"}, "activedefrag": {Allowed: yesNo},
	"active-defrag-cycle-max": {Allowed: "1-75"}, "active-defrag-cycle-min": {Allowed: "1-75"}, "active-defrag-ignore-bytes": {Allowed: large},
	"active-defrag-max-scan-fields": {Allowed: number}, "active-defrag-threshold-lower": {Allowed: "1-100"},
	"active-defrag-threshold-upper": {Allowed: "1-100"}, "active-expire-effort": {Allowed: "1-10"}, "activerehashing": {Allowed: yesNo},
	"appendfsync": {Fixed: true}, "appendonly": {Fixed: true},
	"client-output-buffer-limit-normal-hard-limit": {Allowed: large}, "client-output-buffer-limit-normal-soft-limit": {Allowed: large},
	"client-output-buffer-limit-normal-soft-seconds": {Allowed: number}, "client-output-buffer-limit-pubsub-hard-limit": {Allowed: large},
	"client-output-buffer-limit-pubsub-soft-limit": {Allowed: large}, "client-output-buffer-limit-pubsub-soft-seconds": {Allowed: number},
	"client-output-buffer-limit-replica-soft-seconds": {Fixed: true}, "client-query-buffer-limit": {Allowed: "1048576-1073741824"},
	"close-on-replica-write": {Allowed: yesNo}, "cluster-allow-pubsubshard-when-down": {Allowed: yesNo}, "cluster-allow-reads-when-down": {Allowed: yesNo},
	"cluster-databases": {Allowed: "1-1200000"}, "cluster-enabled": {Allowed: yesNo}, "cluster-preferred-endpoint-type": {Allowed: "ip,tls-dynamic"},
	"cluster-require-full-coverage": {Allowed: yesNo}, "commandlog-execution-slower-than": {Allowed: "-1-9223372036854775807"},
	"commandlog-large-reply-max-len": {Allowed: large}, "commandlog-large-request-max-len": {Allowed: large},
	"commandlog-reply-larger-than": {Allowed: large}, "commandlog-request-larger-than": {Allowed: large}, "commandlog-slow-execution-max-len": {Allowed: large},
	"databases": {Allowed: "1-1200000"}, "hash-max-listpack-entries": {Allowed: large}, "hash-max-listpack-value": {Allowed: large},
	"hash-max-ziplist-entries": {Allowed: large}, "hash-max-ziplist-value": {Allowed: large}, "hll-sparse-max-bytes": {Allowed: "1-16000"},
	"latency-tracking": {Allowed: yesNo}, "lazyfree-lazy-eviction": {Allowed: yesNo}, "lazyfree-lazy-expire": {Allowed: yesNo},
	"lazyfree-lazy-server-del": {Allowed: yesNo}, "lazyfree-lazy-user-del": {Allowed: yesNo}, "lazyfree-lazy-user-flush": {Allowed: yesNo},
	"lfu-decay-time": {Allowed: number}, "lfu-log-factor": {Allowed: "1-4294967295"}, "list-compress-depth": {Allowed: number},
	"list-max-listpack-size": {}, "list-max-ziplist-size": {}, "lua-time-limit": {Fixed: true}, "maxclients": {Fixed: true}, "maxmemory": {Fixed: true},
	"maxmemory-clients": {}, "maxmemory-policy": {
		Allowed: "volatile-lru,allkeys-lru,volatile-lfu,allkeys-lfu,volatile-random,allkeys-random,volatile-ttl,noeviction",
	},
	"maxmemory-samples": {Allowed: "1-4294967295"}, "min-replicas-max-lag": {Allowed: number}, "min-replicas-to-write": {Allowed: number},
	"min-slaves-max-lag": {Allowed: number}, "min-slaves-to-write": {Allowed: number}, "notify-keyspace-events": {},
	"proto-max-bulk-len": {Allowed: "1048576-536870912"}, "rename-commands": {}, "repl-backlog-size": {Allowed: large}, "repl-backlog-ttl": {Fixed: true},
	"repl-timeout": {Fixed: true}, "replica-allow-chaining": {Fixed: true}, "replica-ignore-maxmemory": {Fixed: true},
	"replica-lazy-flush": {Allowed: yesNo}, "reserved-memory": {Allowed: large}, "reserved-memory-percent": {Allowed: "0-100"}, "search-fanout-target-mode": {},
	"search-query-timeout-ms": {Allowed: "1-60000"}, "set-max-intset-entries": {Allowed: large}, "set-max-listpack-entries": {Allowed: large},
	"set-max-listpack-value": {Allowed: large}, "slave-allow-chaining": {Fixed: true}, "slowlog-log-slower-than": {Allowed: "-1-9223372036854775807"},
	"slowlog-max-len": {Allowed: large}, "stream-node-max-bytes": {Allowed: number}, "stream-node-max-entries": {Allowed: number},
	"supports-new-maxmemory-policy": {Fixed: true}, "tcp-keepalive": {Allowed: number}, "timeout": {Allowed: "0,20-2147483647"},
	"tracking-table-max-keys": {Allowed: "1-100000000"}, "zset-max-listpack-entries": {Allowed: large}, "zset-max-listpack-value": {Allowed: large},
	"zset-max-ziplist-entries": {Allowed: large}, "zset-max-ziplist-value": {Allowed: large},
}
