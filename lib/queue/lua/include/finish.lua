--[[ Writes a message's tombstone: it is done, and nothing is left of it but its id until the floor is above it.
  Promise: what is done stays done (protocols/queue.md, S25).
  finish(queue, id) returns number of messages of its group that became ready   Cost O(log messages) ]]
--- @include "creation"
--- @include "floor_of"
--- @include "leave"
--- @include "pass_on"
--- @include "read_header"
--- @include "read_state"
local function finish(q, id)
  local call = redis.call
  local record = call('HGET', q.records, id)
  local is_below = creation(id) < floor_of(q)
  local priority, group = 0, ''
  if record then
    priority, group = read_header(record)
    call('HDEL', q.records, id)
    call('HINCRBY', q.facts, 'done', 1)
    if is_below then
      -- below the floor its silence says so
      call('ZREM', q.seen, id)
    end
  else
    local _, _, _, _, known = read_state(call('HGET', q.states, id))
    group = known or ''
    if known then
      call('ZREM', q.unknown, id)
    end
    if not is_below and call('ZADD', q.seen, string.sub(id, 1, 16), id) == 1 then
      call('HINCRBY', q.facts, 'done', 1)
    end
  end
  leave(q, id, priority, group)
  call('HDEL', q.states, id)
  return pass_on(q, id, group)
end
