--[[ Runs a batch of requests on registers. A record is one string:
    promised ballot (16 digits) accepted ballot (16) due (13, ms) state
  due: when somebody must look at it (it expires, or its tombstone may go), 0 for never; state: the client's, opaque but
  for its first letter, 'T' for a tombstone. What is told of a record is all but the promise.
  KEYS[1]  member marker   KEYS[2] due index   KEYS[3] floor   KEYS[4] there while anybody listens, then the keys of each
           request as its verb says
  ARGV     as run_batch says; ARGV[2] ms that a promise lasts while nothing is accepted; verbs, in one letter: Prepare,
           Accept, Write back, Forget, Listen, Unlisten
  Returns  as run_batch says   Cost O(requests + bytes of their values) ]]
--- @include "run_batch"
--- @include "prepare"
--- @include "accept"
local function vote_rarely(request, key)
  -- inside, so that calls without these do not pay for making them
  --- @include "write_back"
  --- @include "forget"
  --- @include "listen"
  local verbs = { W = write_back, F = forget, L = listen, U = unlisten }
  return verbs[sub(request, 4, 4)](request, key)
end
return run_batch(function(request, key)
  local verb = sub(request, 4, 4)
  if verb == 'A' then
    return accept(request, key)
  elseif verb == 'P' then
    return prepare(request, key)
  end
  return vote_rarely(request, key)
end, 1, true, 5)
