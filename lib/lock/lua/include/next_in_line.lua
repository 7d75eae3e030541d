--[[ Who stands first in line, as a waiter that is called is told of it: so it can hand the lock over without asking home.
  next_in_line(line, own time in µs) returns '' | ' holder mode inbox waited' (ms since it came)   Cost O(log line) ]]
--- @include "whole"
local function next_in_line(line, now_us)
  local first = redis.call('ZRANGE', line, 0, 0, 'WITHSCORES')
  if not first[1] then
    return ''
  end
  return ' ' .. first[1] .. ' ' .. whole(math.max(now_us - tonumber(first[2]), 0) / 1000)
end
