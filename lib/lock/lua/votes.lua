--[[ Runs a batch of requests for exclusive locks that need their records only: most of all traffic, so the script is
  kept short. What each verb means and answers stands in its include; the rest of the requests is in line_votes.
  KEYS[1]  member marker, then per request n records (string, see read_record)
  ARGV     as run_batch says; verbs: acquire, extend, release
  Returns  as run_batch says   Cost O(requests) ]]
--- @include "run_batch"
--- @include "acquire"
--- @include "extend"
--- @include "release"
return run_batch(function(verb, ...)
  if verb == 'acquire' then
    return acquire(...)
  elseif verb == 'release' then
    return release(...)
  end
  return extend(...)
end, 1)
