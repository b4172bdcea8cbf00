-- One page under load. Arguments: its path, what every answer has to hold ("" looks at the status alone, which is
-- cheaper), and the first term. In the path, %s becomes three words that no other request of a benchmark asks for.
local path, marker, term
local threads = {}
wrong = 0

local function words()
	local a = term % 64
	local b = math.floor(term / 64) % 64
	local c = math.floor(term / 4096) % 64
	term = term + 2
	return string.format("word%d+word%d+word%d", a, b, c)
end

function setup(thread)
	table.insert(threads, thread)
	thread:set("offset", #threads - 1)
end

function init(args)
	path, marker, term = args[1], args[2], tonumber(args[3]) + offset
	if marker ~= "" then
		response = function(status, _, body)
			if status ~= 200 or not body:find(marker, 1, true) then
				wrong = wrong + 1
			end
		end
	end
end

function request()
	return wrk.format("GET", (path:gsub("%%s", words)))
end

function done(summary, latency)
	local bad = 0
	for _, thread in ipairs(threads) do
		bad = bad + thread:get("wrong")
	end
	local e = summary.errors
	io.write(string.format(
		'\n{"requests":%d,"seconds":%f,"p50":%f,"p95":%f,"p99":%f,"wrong":%d,"status":%d,"failed":%d}\n',
		summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(95) / 1e3,
		latency:percentile(99) / 1e3, bad, e.status, e.connect + e.read + e.write + e.timeout))
end
