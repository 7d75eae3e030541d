--[[ Makes a message the head of its group; one that was only ready stands in line again.
  become_head(queue, id, group)   Cost O(log messages) ]]
--- @include "waiting_entry"
local function become_head(q, id, group)
  local head = redis.call('HGET', q.heads, group)
  local priority = head and head ~= id and redis.call('ZSCORE', q.ready, head)
  if priority then
    redis.call('ZREM', q.ready, head)
    redis.call('ZADD', q.waiting, 0, waiting_entry(group, tonumber(priority), head))
  end
  redis.call('HSET', q.heads, group, id)
end
