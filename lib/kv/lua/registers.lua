--[[ Runs a batch of requests on registers. A record is one string:
    promised ballot (16 digits) accepted ballot (16) due (13, ms) state
  due: when somebody must look at it (it expires, or its tombstone may go), 0 for never; state: the client's, opaque but
  for its first letter, 'T' for a tombstone. What is told of a record is all but the promise.
  KEYS[1]  member marker, then the keys of each request as its verb says
  ARGV     as run_batch says; ARGV[2] ms that a promise lasts while nothing is accepted; verbs, in one letter: Get,
           Prepare, Accept, Write back, Forget, Listen, Unlisten
  Returns  as run_batch says   Cost O(requests + bytes of their values) ]]
--- @include "run_batch"
--- @include "prepare"
--- @include "accept"
--- @include "write_back"
--- @include "forget"
--- @include "listen"
local verbs = {
  G = function(_, key)
    return string.sub(redis.call('GET', KEYS[key]) or '', 17)
  end,
  P = prepare, A = accept, W = write_back, F = forget, L = listen, U = unlisten,
}
return run_batch(function(request, key)
  return verbs[string.sub(request, 4, 4)](request, key)
end, 1, false)
