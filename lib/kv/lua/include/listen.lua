--[[ Lets a client's inbox hear of each change of a register for a while, or no longer.
  Keys   listeners (sorted set: "inbox id" by end, ms)      Requests  "nn L" lease (ms) ' ' inbox ' ' id
    and "nn U" inbox ' ' id      Answers 'A'   Cost O(log listeners) ]]
--- @include "member_time"
--- @include "whole"
local function listen(request, key)
  local lease, who = string.match(request, '^(%d+) (.*)$', 5)
  local now = member_time()
  redis.call('ZREMRANGEBYSCORE', KEYS[key], 0, whole(now))
  redis.call('ZADD', KEYS[key], whole(now + lease), who)
  redis.call('PEXPIRE', KEYS[key], lease)
  return 'A'
end
local function unlisten(request, key)
  redis.call('ZREM', KEYS[key], string.sub(request, 5))
  return 'A'
end
