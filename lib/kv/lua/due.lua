--[[ Names registers that somebody must look at, to one client at a time.
  KEYS[1]  member marker   KEYS[2] due index   KEYS[3] sweeper's ticket
  ARGV[1]  run_id   ARGV[2] client   ARGV[3] ms that the ticket lasts   ARGV[4] most names
  Returns  names (keys of records as stored), none while another client sweeps   Cost O(log registers + names) ]]
--- @include "is_voting"
--- @include "member_time"
--- @include "whole"
if not is_voting(KEYS[1], ARGV[1]) then
  return {}
end
local names = redis.call('ZRANGEBYSCORE', KEYS[2], 0, whole(member_time()), 'LIMIT', 0, ARGV[4])
if #names > 0 and not redis.call('SET', KEYS[3], ARGV[2], 'NX', 'PX', ARGV[3])
  and redis.call('GET', KEYS[3]) ~= ARGV[2] then
  return {}
end
return names
