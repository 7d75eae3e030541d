--[[ Tells what this member knows of n registers, for a member that is being brought back, and voids every promise given
  for them: what is in flight may count on a promise that the other member forgot.
  Promise: after it no accept under an earlier ballot succeeds here, and a fresh ballot from a clock that runs ahead of
  this member's does not lift a promise beyond what members may be asked for (protocols/kv.md, S20).
  KEYS[1]  member marker   KEYS[2] floor, then n records
  ARGV[1]  run_id   ARGV[2] 'marked' or 'any'   ARGV[3] fresh ballot (16 digits)
  Returns  'REJOIN' | {floor, record...} as they are stored now, '' for one that is not there
  Cost O(bytes of the values) ]]
--- @include "is_voting"
--- @include "member_time"
if not is_voting(KEYS[1], ARGV[1]) and ARGV[2] ~= 'any' then
  return 'REJOIN'
end
local _, now_us = member_time()
local fresh = math.min(ARGV[3] + 0, now_us)
local answer = { redis.call('GET', KEYS[2]) or '0' }
for i = 3, #KEYS do
  local text = redis.call('GET', KEYS[i])
  if text then
    local fence = string.format('%016.0f', math.max(string.sub(text, 1, 16) + 1, fresh))
    redis.call('SETRANGE', KEYS[i], 0, fence)
    text = fence .. string.sub(text, 17)
  end
  answer[i - 1] = text or ''
end
return answer
