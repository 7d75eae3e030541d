--[[ Runs a batch of requests that look at queues or keep them in order. What each verb means and answers stands in its
  include.
  KEYS[1]  member marker, then per request the keys of its queue as open_queue names them
  ARGV     as run_batch says; ARGV[2] is not used; verbs, in one letter: reQuest, Contents, Remove, redriVe, Size,
           head Age, scan (Z), walK, floor (B), dead (W), Time, Idle no more, keeper (O)
  Returns  as run_batch says   Cost O(messages that are named * log messages) ]]
--- @include "run_batch"
--- @include "open_queue"
--- @include "tell"
--- @include "remove"
--- @include "redrive"
--- @include "size"
--- @include "head_age"
--- @include "scan"
--- @include "walk"
--- @include "raise_floor"
--- @include "list_dead"
--- @include "keep"
--- @include "wake"
local verbs = {
  Q = tell, C = tell, R = remove, V = redrive, S = size, A = head_age, Z = scan, K = walk, B = raise_floor, W = list_dead, O = keep,
  T = function()
    local _, now_us = member_time()
    return whole(now_us)
  end,
  I = function(request, q)
    local who = string.sub(request, 5)
    redis.call('ZREM', q.idle, who .. ' -')
    if redis.call('ZREM', q.idle, who) == 0 then
      -- what it was woken for may not have been taken
      if redis.call('ZCARD', q.ready) > 0 then
        wake(q, 1)
      end
    end
    return 'A'
  end,
}
return run_batch(function(request, key)
  return verbs[string.sub(request, 4, 4)](request, open_queue(key))
end, 13, false)
