--[[ Lets one client at a time keep a queue in order on this member.
  Request "nn O" client ' ' ms      Answer A it is its turn | N another's   Cost O(1) ]]
--- @include "member_time"
--- @include "whole"
local function keep(request, q)
  local client, ms = string.match(request, '^(%S+) (%d+)$', 5)
  local now = member_time()
  local keeper, ends = string.match(redis.call('HGET', q.facts, 'keeper') or '- 0', '^(%S+) (%d+)$')
  if keeper ~= client and tonumber(ends) > now then
    return 'N'
  end
  redis.call('HSET', q.facts, 'keeper', client .. ' ' .. whole(now + ms))
  return 'A'
end
