--[[ Removes n keys of a member that is being brought back: what it kept of an earlier life may be a part of what it knew.
  Promise: nothing is removed once the member votes again or the ticket is gone (protocols/quorum.md, S09 S32).
  KEYS[1]  member marker   KEYS[2] rejoin ticket, then n keys
  ARGV[1]  run_id   ARGV[2] ticket
  Returns  'WIPED' | 'REFUSED'   Cost O(what the keys hold) ]]
--- @include "is_voting"
if is_voting(KEYS[1], ARGV[1]) or redis.call('GET', KEYS[2]) ~= ARGV[2] then
  return 'REFUSED'
end
for i = 3, #KEYS do
  redis.call('DEL', KEYS[i])
end
return 'WIPED'
