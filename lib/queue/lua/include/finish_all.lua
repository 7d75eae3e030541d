--[[ Writes the tombstones of messages that are leased in no group, as finish does, by few commands for all of them.
  finish_all(queue, ids)   Cost O(log messages) each ]]
--- @include "digits"
--- @include "floor_of"
local function finish_all(q, ids)
  if #ids == 0 then
    return
  end
  local call = redis.call
  if call('ZREM', q.leased, unpack(ids)) < #ids then
    -- a lease that ended made them ready
    call('ZREM', q.ready, unpack(ids))
  end
  local done = call('HDEL', q.records, unpack(ids))
  call('HDEL', q.states, unpack(ids))
  if done < #ids then
    call('ZREM', q.unknown, unpack(ids))
  end
  local floor = digits(floor_of(q))
  for i = 1, #ids do
    local id = ids[i]
    if id < floor then
      -- below the floor its silence says so
      call('ZREM', q.seen, id)
    elseif done < #ids then
      -- of those that were never known here
      done = done + call('ZADD', q.seen, 'NX', string.sub(id, 1, 16), id)
    end
  end
  call('HINCRBY', q.facts, 'done', done)
end
