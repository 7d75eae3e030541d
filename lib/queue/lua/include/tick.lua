--[[ What time alone changes: leases that ended and delays that are over make messages ready, some at a time.
  A lease that ended is not forgotten: until somebody else leases the message its holder may still settle it, and its
  token counts.
  tick(queue) returns ms now   Cost O(messages that change, up to 200) ]]
--- @include "enter"
--- @include "member_time"
--- @include "pass_on"
--- @include "read_header"
--- @include "read_state"
local function tick(q)
  local now = member_time()
  for _, index in ipairs({ q.leased, q.delayed }) do
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', now, 'LIMIT', 0, 100)) do
      redis.call('ZREM', index, id)
      local record = redis.call('HGET', q.records, id)
      if record and not redis.call('ZSCORE', q.dead, id) then
        enter(q, id, read_header(record))
      else
        local _, _, _, _, group = read_state(redis.call('HGET', q.states, id))
        pass_on(q, id, group or '')
      end
    end
  end
  return now
end
