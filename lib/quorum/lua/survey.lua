--[[ Tells how this member stands. Changes nothing.
  KEYS[1]  member marker (string: run_id, and '/' and a number where there are several partitions)   KEYS[2] rejoin ticket
  ARGV[1]  what the marker says while this member votes
  Returns  {'VALID' | 'STALE' | 'NONE', marker or '', ticket or ''}: its marker is its own, another life's, absent
  Cost O(1) ]]
local marker = redis.call('GET', KEYS[1])
local standing = marker == ARGV[1] and 'VALID' or marker and 'STALE' or 'NONE'
return { standing, marker or '', redis.call('GET', KEYS[2]) or '' }
