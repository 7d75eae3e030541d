--[[ Runs a batch of requests on the messages of queues: all that traffic is made of. What each verb means and answers
  stands in its include.
  KEYS[1]  member marker, then per request the keys of its queue as open_queue names them
  ARGV     as run_batch says; ARGV[2] is not used; verbs, in one letter: Put, Heal, Lease, conFirm, Ack, Nack, reJect (X), sprEad, Done elsewhere, Idle, Busy (idle no more)
  Returns  as run_batch says   Cost O(messages * log messages) ]]
--- @include "run_batch"
--- @include "open_queue"
--- @include "put"
--- @include "heal"
--- @include "lease"
--- @include "confirm"
--- @include "ack"
--- @include "nack"
--- @include "reject"
--- @include "spread"
--- @include "done_elsewhere"
--- @include "await_message"
--- @include "await_no_more"
local verbs = {
  P = put, H = heal, L = lease, F = confirm, A = ack, N = nack, X = reject, E = spread, D = done_elsewhere,
  I = await_message, B = await_no_more,
}
return run_batch(function(request, key)
  return verbs[string.sub(request, 4, 4)](request, open_queue(key))
end, 13, false)
