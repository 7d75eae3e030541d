--[[ Makes a live message ready; one of a group only when it is the group's head, else it stands in line behind.
  A head that is ready and comes later gives way; one that is leased or waits for its next attempt does not.
  enter(queue, id, priority, group)   Cost O(log messages) ]]
--- @include "waiting_entry"
local function enter(q, id, priority, group)
  if group ~= '' then
    local head = redis.call('HGET', q.heads, group)
    if head and head ~= id then
      local score = tonumber(redis.call('ZSCORE', q.ready, head) or nil)
      if not score or score < priority or (score == priority and head < id) then
        redis.call('ZADD', q.waiting, 0, waiting_entry(group, priority, id))
        return
      end
      redis.call('ZREM', q.ready, head)
      redis.call('ZADD', q.waiting, 0, waiting_entry(group, score, head))
    end
    redis.call('HSET', q.heads, group, id)
  end
  redis.call('ZADD', q.ready, priority, id)
end
