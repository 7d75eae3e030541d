--[[ This member's own time; never a client's.
  member_time() returns ms, µs (both numbers below 2^53)   Cost O(1) ]]
local function member_time()
  local time = redis.call('TIME')
  local us = time[1] * 1000000 + time[2]
  return math.floor(us / 1000), us
end
