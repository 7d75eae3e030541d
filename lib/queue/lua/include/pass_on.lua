--[[ Lets the next of a group be its head, when the given one was.
  pass_on(queue, id, group) returns 1 | 0: messages that became ready   Cost O(log messages) ]]
--- @include "enter"
--- @include "read_header"
local function pass_on(q, id, group)
  if group == '' or redis.call('HGET', q.heads, group) ~= id then
    return 0
  end
  redis.call('HDEL', q.heads, group)
  local first = redis.call('ZRANGEBYLEX', q.waiting, '[' .. group .. '\0', '(' .. group .. '\1', 'LIMIT', 0, 1)[1]
  if not first then
    return 0
  end
  redis.call('ZREM', q.waiting, first)
  local next_id = string.sub(first, -25)
  enter(q, next_id, read_header(redis.call('HGET', q.records, next_id)))
  return 1
end
