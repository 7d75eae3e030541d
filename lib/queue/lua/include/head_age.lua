--[[ Tells how long the message that comes next has been in the queue on this member.
  Request "nn A"   Answer µs since its creation, as text; '' when none is ready
  Cost O(log messages) ]]
--- @include "member_time"
--- @include "whole"
local function head_age(_, q)
  local head = redis.call('ZRANGE', q.ready, 0, 0)[1]
  if not head then
    return ''
  end
  local _, now_us = member_time()
  return whole(math.max(now_us - tonumber(string.sub(head, 1, 16)), 0))
end
