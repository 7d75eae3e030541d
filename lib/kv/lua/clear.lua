--[[ Removes n records of a member that is being brought back: what only it still knows of an earlier life was never
  decided, or was removed since (protocols/kv.md, S19).
  KEYS[1]  member marker   KEYS[2] rejoin ticket   KEYS[3] due index, then n records
  ARGV[1]  run_id   ARGV[2] ticket
  Returns  'CLEARED' | 'REFUSED'   Cost O(records) ]]
--- @include "is_voting"
if is_voting(KEYS[1], ARGV[1]) or redis.call('GET', KEYS[2]) ~= ARGV[2] then
  return 'REFUSED'
end
for i = 4, #KEYS do
  redis.call('DEL', KEYS[i])
  redis.call('ZREM', KEYS[3], KEYS[i])
end
return 'CLEARED'
