--[[ Writes a message's tombstone: it is done, and nothing is left of it but its id until the floor is above it.
  Promise: what is done stays done (protocols/queue.md, S25).
  finish(queue, id) returns number of messages of its group that became ready   Cost O(log messages) ]]
--- @include "creation"
--- @include "leave"
--- @include "pass_on"
--- @include "read_header"
--- @include "read_state"
local function finish(q, id)
  local record = redis.call('HGET', q.records, id)
  local priority, group = 0, ''
  if record then
    priority, group = read_header(record)
  else
    local _, _, _, _, known = read_state(redis.call('HGET', q.states, id))
    group = known or ''
    if creation(id) >= tonumber(redis.call('HGET', q.facts, 'floor') or 0)
      and redis.call('ZADD', q.seen, string.sub(id, 1, 16), id) == 1 then
      redis.call('HINCRBY', q.facts, 'done', 1)
    end
  end
  leave(q, id, priority, group)
  if redis.call('HDEL', q.records, id) == 1 then
    redis.call('HINCRBY', q.facts, 'done', 1)
  end
  redis.call('HDEL', q.states, id)
  return pass_on(q, id, group)
end
