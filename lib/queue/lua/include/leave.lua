--[[ Takes a message out of wherever it stands; its record and state stay.
  leave(queue, id, priority, group)   Cost O(log messages) ]]
--- @include "waiting_entry"
local function leave(q, id, priority, group)
  -- a dead letter may keep the end of a lease besides, see merge_message
  local gone = redis.call('ZREM', q.leased, id) + redis.call('ZREM', q.dead, id)
  if gone == 0 and redis.call('ZREM', q.ready, id) == 0 and redis.call('ZREM', q.delayed, id) == 0 and group ~= '' then
    redis.call('ZREM', q.waiting, waiting_entry(group, priority, id))
  end
end
