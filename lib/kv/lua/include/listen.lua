--[[ Lets a client's inbox hear of each change of a register for a while, or no longer. KEYS[4] is there as long as any
  register has a listener, so that changes need not look for theirs.
  Keys   listeners (sorted set: "inbox id" by end, ms)      Requests  "01 L" lease (ms) ' ' inbox ' ' id
    and "01 U" inbox ' ' id      Answers 'A'   Cost O(log listeners) ]]
--- @include "short_names"
--- @include "member_time"
--- @include "whole"
--- @include "store_register"
local function listen(request, key)
  local lease, who = string.match(request, '^(%d+) (.*)$', 5)
  local now = member_time()
  call('ZREMRANGEBYSCORE', KEYS[key], 0, whole(now))
  call('ZADD', KEYS[key], whole(now + lease), who)
  call('PEXPIRE', KEYS[key], lease)
  if call('PTTL', KEYS[4]) < lease + 0 then
    call('SET', KEYS[4], '', 'PX', lease)
  end
  is_listened = true
  return 'A'
end
local function unlisten(request, key)
  call('ZREM', KEYS[key], sub(request, 5))
  return 'A'
end
