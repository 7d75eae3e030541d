--[[ Notes an idle consumer, so that it is woken or handed a message, see wake and hand_out.
  listen(queue, now, who, stands) who: "inbox id lease"; stands: whether it is only to be handed a message here, as at
  others than its home. Who is to be woken here stays so. Each stands here once.   Cost O(log consumers) ]]
--- @include "listen_ms"
local function listen(q, now, who, stands)
  local name = stands and not redis.call('ZSCORE', q.idle, who) and who .. ' -' or who
  redis.call('ZADD', q.idle, now + listen_ms, name)
  redis.call('PEXPIRE', q.idle, listen_ms)
end
