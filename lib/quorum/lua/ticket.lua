--[[ Takes, renews or gives up the right to bring this member back. The ticket lives on the member itself, so it is gone whenever
  the member forgets again, and everything done under it is refused from then on.
  Promise: clients that split their keys among another number of partitions get none (protocols/quorum.md, S31).
  KEYS[1]  member marker      KEYS[2]  rejoin ticket (string, new each time one is taken)
  ARGV[1]  run_id, as the marker says it   ARGV[2] ticket   ARGV[3] ttl (ms)   ARGV[4] 'take', 'renew' or 'drop'
  ARGV[5]  renew: the ticket so far, which may have another name: what was sent under that one is refused from then on
  Returns  {'TAKEN'} | {'BUSY', ticket} | {'LOST'} (renew, drop: it is not ours any more) |
           {'DROPPED'} | {'VOTING'} | {'OTHERS'} (its marker tells of another number of partitions)   Cost O(1) ]]
local marker = redis.call('GET', KEYS[1])
if marker == ARGV[1] then
  return { 'VOTING' }
end
if marker and string.match(marker, '/.*$') ~= string.match(ARGV[1], '/.*$') then
  return { 'OTHERS' }
end
local holder = redis.call('GET', KEYS[2])
local is_ours = holder == ARGV[2] or (ARGV[4] == 'renew' and holder == ARGV[5])
if ARGV[4] ~= 'take' and not is_ours then
  return { 'LOST' }
end
if ARGV[4] == 'drop' then
  redis.call('DEL', KEYS[2])
  return { 'DROPPED' }
end
if holder and not is_ours then
  return { 'BUSY', holder }
end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
return { 'TAKEN' }
