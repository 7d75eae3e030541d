--[[ This member's own time, the same throughout one script; never a client's.
  member_time() returns ms, µs (both numbers below 2^53), whole seconds as text   Cost O(1) ]]
local time_ms, time_us, time_s
local function member_time()
  if not time_us then
    local time = redis.call('TIME')
    time_us = time[1] * 1000000 + time[2]
    time_ms, time_s = math.floor(time_us / 1000), time[1]
  end
  return time_ms, time_us, time_s
end
