--[[ Whether a token may be granted on this member: above all it has seen, and not over a day ahead of its clock, so that
  one machine with a broken clock cannot poison a key.
  check_token(token, highest seen, own time in µs) returns nil | {'STALE', highest} | {'CLOCK', own time}
  (protocols/lock.md, S02; protocols/quorum.md, numbers that only grow) ]]
--- @include "whole"
local function check_token(token, seen, now_us)
  if token > now_us + 86400000000 then
    return { 'CLOCK', whole(now_us) }
  end
  if token <= seen then
    return { 'STALE', whole(seen) }
  end
end
