--[[ Tells a message that just became ready, and alone, to a consumer that has nothing to do, with its wake-up: it asks all
  members for the lease at once and need not ask home first. The message stays ready in its place; other consumers are
  not given it for a moment (offered_to_another). Nothing is leased by that.
  offer(queue, id, record) returns whether one was told   Cost O(log messages + consumers that ended) ]]
--- @include "member_time"
--- @include "whole"
local offer_ms, offer_bytes = 200, 16384
local function offer(q, id, record)
  -- not before others that are ready
  if #record > offer_bytes or redis.call('ZCARD', q.ready) > 1 then
    return false
  end
  local now = member_time()
  local popped = redis.call('ZPOPMIN', q.idle)
  while #popped > 0 and tonumber(popped[2]) <= now do
    popped = redis.call('ZPOPMIN', q.idle)
  end
  if #popped == 0 then
    return false
  end
  local inbox, who = string.match(popped[1], '^(%S+) (%S+)$')
  if redis.call('PUBLISH', inbox, who .. ' ready ' .. id .. ' ' .. record) == 0 then
    -- nobody heard it
    return false
  end
  redis.call('HSET', q.facts, 'offer', whole(now + offer_ms) .. ' ' .. id .. ' ' .. popped[1])
  return true
end
