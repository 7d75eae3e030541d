--[[ Tells how this member stands. Changes nothing.
  KEYS[1]  member marker (string: run_id)      KEYS[2]  rejoin ticket
  ARGV[1]  run_id or '*'
  Returns  {'VALID' | 'STALE' | 'NONE', run_id, ticket or ''}: its marker is its own, another life's, absent
  Cost O(1) ]]
--- @include "is_voting"
local voting, run_id = is_voting(KEYS[1], ARGV[1])
local standing = 'STALE'
if voting then
  standing = 'VALID'
elseif not redis.call('GET', KEYS[1]) then
  standing = 'NONE'
end
return { standing, run_id, redis.call('GET', KEYS[2]) or '' }
