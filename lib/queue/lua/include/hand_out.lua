--[[ Leases a message that was just put, and is alone, to a consumer that has nothing to do, and tells it so with the record.
  Each member does so on its own: a quorum that told the consumer is its lease, as votes for it would be.
  The lease is as long as the consumer said, under its id as holder and the creation as token, which no later lease can have.
  Promise: only what was never leased here is handed out, so nobody else holds it (protocols/queue.md, S26).
  Nobody is told of a lease that is not there: a Cluster tells who reads the inbox at its other masters, too (S37).
  It tells since when it knows of the consumer and for how long, by which that knows when it was leased (S38).
  hand_out(queue, id, record) returns whether it did   Cost O(log messages + consumers that ended) ]]
--- @include "creation"
--- @include "listen_ms"
--- @include "member_time"
--- @include "whole"
--- @include "write_state"
local handed_bytes = 16384
local function hand_out(q, id, record)
  local call = redis.call
  -- not before others that are ready; nor is an only attempt spent on a consumer that may be gone
  if #record > handed_bytes or string.match(record, '^%-?%d+ 0 %a1 ') or call('ZCARD', q.ready) > 1 then
    return false
  end
  local now = member_time()
  local popped = call('ZPOPMIN', q.idle)
  while #popped > 0 and tonumber(popped[2]) <= now do
    popped = call('ZPOPMIN', q.idle)
  end
  if #popped == 0 then
    return false
  end
  local inbox, who, lease = string.match(popped[1], '^(%S+) (%S+) (%d+)')
  if call('PUBSUB', 'NUMSUB', inbox)[2] == 0 then
    return false
  end
  local since = popped[2] - listen_ms
  local text = who .. ' leased ' .. id .. ' ' .. lease .. ' ' .. whole(since) .. ' ' .. whole(now - since) .. ' ' .. record
  call('PUBLISH', inbox, text)
  call('ZREM', q.ready, id)
  call('HSET', q.states, id, write_state(creation(id), 1, 'L', who, ''))
  call('ZADD', q.leased, now + lease, id)
  return true
end
