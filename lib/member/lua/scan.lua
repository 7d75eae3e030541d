--[[ One page of a walk over a server's keys. Changes nothing.
  ARGV[1]  cursor   ARGV[2] glob pattern   ARGV[3] keys to look at, about
  Returns  {next cursor, '0' at the end, {key, ...}}   Cost O(keys looked at) ]]
return redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3])
