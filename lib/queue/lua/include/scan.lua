--[[ Closes a span of creation times to new puts and names what is live in it.
  Promise: below the put floor nothing new is ever decided without this member (protocols/queue.md, S24).
  Request  "nn Z" to ' ' from ' ' limit ' ' name (µs, µs or '-' for this member's floor, ids looked at)
  Answer   {floor of this member, where to go on ('' at the end), how many there are, live or done, id, ...}
  Cost O(limit) ]]
--- @include "floor_of"
--- @include "whole"
local function scan(request, q)
  local to, from, limit, name = string.match(request, '^(%d+) (%S+) (%d+) (.+)$', 5)
  if tonumber(to) > tonumber(redis.call('HGET', q.facts, 'put_floor') or 0) then
    redis.call('HSET', q.facts, 'put_floor', to)
    -- also of a queue that nothing was put into yet: the floor must be known to who copies from here
    redis.call('SADD', q.queues, name)
  end
  local floor = whole(floor_of(q))
  if from == '-' then
    from = floor
  end
  local ids = redis.call('ZRANGEBYSCORE', q.seen, from, '(' .. to, 'LIMIT', 0, limit)
  local answer = { floor, '', whole(#ids) }
  if #ids == tonumber(limit) then
    answer[2] = string.sub(ids[#ids], 1, 16)
  end
  for _, id in ipairs(ids) do
    if redis.call('HEXISTS', q.records, id) == 1 then
      answer[#answer + 1] = id
    end
  end
  return answer
end
