--[[ Merges what one source knows of n registers into this member, which is being brought back: the newest accepted
  value, and a promise that is above all given before.
  Promise: nothing is changed once the member votes again or the ticket is gone (quorum.md, S09; kv.md, S20).
  KEYS[1]  member marker   KEYS[2] rejoin ticket   KEYS[3] due index   KEYS[4] floor, then n records
  ARGV[1]  run_id   ARGV[2] ticket   ARGV[3] ms that a promise lasts while nothing is accepted
  ARGV[4]  the source's floor, then n records as fence.lua returned them
  Returns  'RESTORED' | 'REFUSED'   Cost O(bytes of the values) ]]
--- @include "is_voting"
--- @include "store_register"
if is_voting(KEYS[1], ARGV[1]) or redis.call('GET', KEYS[2]) ~= ARGV[2] then
  return 'REFUSED'
end
if ARGV[4] + 0 > (redis.call('GET', KEYS[4]) or 0) + 0 then
  redis.call('SET', KEYS[4], ARGV[4])
end
for i = 5, #KEYS do
  local theirs = ARGV[i]
  if theirs ~= '' then
    local own = redis.call('GET', KEYS[i]) or string.rep('0', 45)
    local promised = math.max(string.sub(own, 1, 16) + 0, string.sub(theirs, 1, 16) + 0)
    local newest = string.sub(own, 17, 32) + 0 > string.sub(theirs, 17, 32) + 0 and own or theirs
    local text = string.format('%016.0f', promised) .. string.sub(newest, 17)
    if string.sub(newest, 17, 32) + 0 > 0 then
      redis.call('SET', KEYS[i], text)
    else
      redis.call('SET', KEYS[i], text, 'PX', ARGV[3])
    end
    note_due(KEYS[3], KEYS[i], string.sub(newest, 33, 45), string.sub(own, 33, 45))
  end
end
return 'RESTORED'
