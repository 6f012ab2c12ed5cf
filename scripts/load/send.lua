-- Sends the requests of prepared files with wrk, each thread from a file of its own (see requestLane.ts).
-- wrk … URL -- PREFIX MAY_REPEAT OFFSET…: thread n reads PREFIX followed by n, from the nth offset on. At the end of the
-- file it stops, or begins again if MAY_REPEAT is "true".

local threads = {}

function setup(thread)
  thread:set('lane', #threads)
  table.insert(threads, thread)
end

function init(args)
  sent = 0
  isExhausted = false
  mayRepeat = args[2] == 'true'
  offset = tonumber(args[3 + lane])
  file = assert(io.open(args[1] .. lane, 'rb'))
  file:seek('set', offset)
  -- wrk asks the first thread for one request that it only parses.
  isTrial = lane == 0
end

function request()
  local length = file:read(6)
  if not length and mayRepeat then
    file:seek('set', 0)
    offset = 0
    length = file:read(6)
  end
  if not length then
    isExhausted = true
    wrk.thread:stop()
    return last
  end
  last = file:read(tonumber(length))
  if isTrial then
    isTrial = false
    file:seek('set', offset)
    return last
  end
  sent = sent + 1
  offset = offset + 6 + #last
  return last
end

function done(summary, latency)
  local lanes = {}
  for i, thread in ipairs(threads) do
    lanes[i] = string.format('{"sent":%d,"offset":%d,"isExhausted":%s}',
      thread:get('sent'), thread:get('offset'), tostring(thread:get('isExhausted')))
  end
  local errors = summary.errors
  io.write(string.format(
    '{"answers":%d,"seconds":%f,"refused":%d,"broken":%d,"p50Ms":%f,"p99Ms":%f,"lanes":[%s]}\n',
    summary.requests, summary.duration / 1e6, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, table.concat(lanes, ',')))
end
