--[[ Closes a span of creation times to new puts and names what is live in it.
  Promise: below the put floor nothing new is ever decided without this member (protocols/queue.md, S24).
  Request  "nn Z" to ' ' from ' ' limit (µs, µs, ids looked at)
  Answer   {floor of this member, where to go on ('' at the end), its clock (µs), id, ...}   Cost O(limit) ]]
--- @include "member_time"
--- @include "whole"
local function scan(request, q)
  local to, from, limit = string.match(request, '^(%d+) (%d+) (%d+)$', 5)
  if tonumber(to) > tonumber(redis.call('HGET', q.facts, 'put_floor') or 0) then
    redis.call('HSET', q.facts, 'put_floor', to)
  end
  local _, now_us = member_time()
  local ids = redis.call('ZRANGEBYSCORE', q.seen, from, '(' .. to, 'LIMIT', 0, limit)
  local answer = { redis.call('HGET', q.facts, 'floor') or '0', '', whole(now_us) }
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
