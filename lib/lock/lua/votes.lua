--[[ Runs a batch of requests for exclusive locks that need their records only: most of all traffic, so the script is
  kept short and cheap. What each verb means and answers stands in its include; the rest is in line_votes.
  KEYS[1]  member marker, then per request n records (string, see read_record)
  ARGV     as run_batch says; verbs: acquire, extend, release
  Returns  as run_batch says   Cost O(requests) ]]
--- @include "run_batch"
--- @include "member_time"
--- @include "vote_shortly"
local function vote_fully(request, key, count)
  -- inside, so that calls which take the short way do not pay for making these
  --- @include "acquire"
  --- @include "extend"
  --- @include "release"
  local verbs = { acquire = acquire, extend = extend, release = release }
  local verb, own = string.match(request, '^(%S+) (.*)$', 4)
  local now, now_us = member_time()
  return verbs[verb](own, key, count, now, now_us, ARGV[2] + 0)
end
return run_batch(function(request, key, count)
  return vote_shortly(request, KEYS[key]) or vote_fully(request, key, count)
end, 1, true)
