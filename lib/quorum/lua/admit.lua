--[[ Writes the marker: from now on this member votes. Only for the one whose ticket has lived since before the copy.
  KEYS[1]  member marker      KEYS[2]  rejoin ticket (string, new each time one is taken)
  ARGV[1]  run_id, as the marker is to say it   ARGV[2] ticket
  Returns  {'VOTING'} | {'LOST'} (the ticket is not ours any more: start again)   Cost O(1) ]]
--- @include "is_voting"
if is_voting(KEYS[1], ARGV[1]) then
  return { 'VOTING' }
end
if redis.call('GET', KEYS[2]) ~= ARGV[2] then
  return { 'LOST' }
end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[2])
return { 'VOTING' }
