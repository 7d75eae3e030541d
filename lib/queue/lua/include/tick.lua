--[[ What time alone changes: leases that ended and delays that are over make messages ready, some at a time.
  A lease that ended is not forgotten: until somebody else leases the message its holder may still settle it.
  tick(queue) returns ms now   Cost O(messages that change, up to 200) ]]
--- @include "member_time"
--- @include "enter"
--- @include "read_header"
local function tick(q)
  local now = member_time()
  for _, index in ipairs({ q.leased, q.delayed }) do
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', now, 'LIMIT', 0, 100)) do
      redis.call('ZREM', index, id)
      local record = redis.call('HGET', q.records, id)
      if record then
        enter(q, id, read_header(record))
      else
        redis.call('HDEL', q.states, id)
      end
    end
  end
  return now
end
