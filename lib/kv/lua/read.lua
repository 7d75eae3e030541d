--[[ Tells n records, as an MGET of marker and records does for members that are no Clusters.
  KEYS[1]  member marker, then n records   ARGV[1] run_id
  Returns  'REJOIN' | records as they are stored (see registers.lua), '' for one that is not there
  Cost O(bytes of the values) ]]
--- @include "is_voting"
if not is_voting(KEYS[1], ARGV[1]) then
  return 'REJOIN'
end
local texts = #KEYS > 1 and redis.call('MGET', unpack(KEYS, 2)) or {}
for i = 1, #texts do
  texts[i] = texts[i] or ''
end
return texts
