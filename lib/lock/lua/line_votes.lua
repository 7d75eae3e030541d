--[[ Runs a batch of requests that look at the line or at the readers of a lock. What each verb means and answers stands
  in its include.
  KEYS[1]  member marker, then per request n records, n lines (sorted set: "holder mode inbox" by arrival, µs) and
           n reader sets (sorted set: holder by lease end, ms)
  ARGV     as run_batch says; verbs: acquire_shared, extend_shared, release_all, hand_over, ask, leave,
           inspect
  Returns  as run_batch says   Cost O(requests) ]]
--- @include "run_batch"
--- @include "member_time"
--- @include "acquire_shared"
--- @include "extend_shared"
--- @include "release_all"
--- @include "hand_over"
--- @include "ask"
--- @include "leave"
--- @include "inspect"
local verbs = {
  acquire_shared = acquire_shared, extend_shared = extend_shared, release_all = release_all,
  hand_over = hand_over, ask = ask, leave = leave, inspect = inspect,
}
return run_batch(function(request, key, count)
  local verb, own = string.match(request, '^(%S+) ?(.*)$', 4)
  local now, now_us = member_time()
  return verbs[verb](own, key, count, now, now_us, ARGV[2] + 0)
end, 3, true)
