--[[ Whether this member knows a message to be done: it has no record though it saw it, or though it is below the floor,
  under which this member holds all that is not done (protocols/queue.md, S25).
  is_done(queue, id) returns boolean   Cost O(log seen) ]]
--- @include "creation"
--- @include "floor_of"
local function is_done(q, id)
  if redis.call('HEXISTS', q.records, id) == 1 then
    return false
  end
  return redis.call('ZSCORE', q.seen, id) ~= false or creation(id) < floor_of(q)
end
