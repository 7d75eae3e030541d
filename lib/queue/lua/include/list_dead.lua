--[[ Names dead letters, the oldest first.
  Request "nn W" offset ' ' count   Answer {id, ms since it died, ...}   Cost O(log dead + count) ]]
--- @include "member_time"
--- @include "whole"
local function list_dead(request, q)
  local offset, count = string.match(request, '^(%d+) (%d+)$', 5)
  local now, answer = member_time(), {}
  local found = redis.call('ZRANGE', q.dead, offset, offset + count - 1, 'WITHSCORES')
  for i = 1, #found, 2 do
    answer[i], answer[i + 1] = found[i], whole(math.max(now - found[i + 1], 0))
  end
  return answer
end
