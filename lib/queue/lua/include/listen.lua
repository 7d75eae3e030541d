--[[ Notes an idle consumer, so that it is woken or handed a message, see wake and hand_out.
  listen(queue, now, name) name: "inbox id", at others than home "inbox id -" of one that is not to be woken there
  Cost O(log consumers) ]]
--- @include "listen_ms"
local function listen(q, now, name)
  redis.call('ZADD', q.idle, now + listen_ms, name)
  redis.call('PEXPIRE', q.idle, listen_ms)
end
