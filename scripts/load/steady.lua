-- Sends the requests of prepared files with wrk at a steady rate, each thread from a file of its own (see requestLane.ts).
-- wrk … URL -- PREFIX PER_SECOND REQUESTS: thread n sends the first REQUESTS of PREFIX followed by n, and then waits.

local ffi = require('ffi')
ffi.cdef('typedef struct { long seconds, nanoseconds; } moment; int clock_gettime(int clock, moment *now);')
local MONOTONIC = 1
local FOREVER_MS = 1e9
local threads = {}

function setup(thread)
  thread:set('lane', #threads)
  table.insert(threads, thread)
end

function init(args)
  file = assert(io.open(args[1] .. lane, 'rb'))
  everyMs = 1000 / tonumber(args[2])
  requests = tonumber(args[3])
  due = 0
  latestMs = 0
  moment = ffi.new('moment')
  -- wrk asks the first thread for one request that it only parses.
  isTrial = lane == 0
end

-- In how many milliseconds a free connection sends the next request.
function delay()
  if due == requests then return FOREVER_MS end
  ffi.C.clock_gettime(MONOTONIC, moment)
  local now = tonumber(moment.seconds) * 1e3 + tonumber(moment.nanoseconds) / 1e6
  beganAt = beganAt or now
  local dueIn = beganAt + due * everyMs - now
  due = due + 1
  latestMs = math.max(latestMs, -dueIn)
  return math.max(0, dueIn)
end

function request()
  local length = file:read(6)
  local bytes = file:read(tonumber(length))
  if isTrial then
    isTrial = false
    file:seek('set', 0)
  end
  return bytes
end

function done(summary, latency)
  local latest = 0
  for _, thread in ipairs(threads) do latest = math.max(latest, thread:get('latestMs')) end
  local errors = summary.errors
  io.write(string.format('{"answers":%d,"refused":%d,"broken":%d,"p50Ms":%f,"p99Ms":%f,"latestMs":%f}\n',
    summary.requests, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latest))
end
