--[[ Runs a batch of lock requests in order, each decided on its own; an error in one leaves the others alone.
  Promise: a member without a valid marker gives no vote (protocols/quorum.md, S03).
  KEYS[1]  member marker, then the keys of each request      ARGV[1] run_id or '*'   ARGV[2] fence retention (ms), then
  one text per request: "verb n own arguments"
  run_batch(choose, keys per lock) returns 'REJOIN' | one answer per request, {'FAILED', error text} for one that failed
    choose(verb, first key, n, own arguments, own time in ms, in µs, retention in ms) returns that request's answer ]]
--- @include "is_voting"
--- @include "member_time"
local function run_batch(choose, keys_per_lock)
  if not is_voting(KEYS[1], ARGV[1]) then
    return 'REJOIN'
  end
  local now, now_us = member_time()
  local retention = tonumber(ARGV[2])
  local answers, key = {}, 2
  for request = 3, #ARGV do
    local verb, n, own = string.match(ARGV[request], '^(%S+) (%d+) ?(.*)$')
    local count = tonumber(n)
    local fine, answer = pcall(choose, verb, key, count, own, now, now_us, retention)
    if not fine then
      answer = { 'FAILED', type(answer) == 'table' and answer.err or tostring(answer) }
    end
    answers[request - 2] = answer
    key = key + keys_per_lock * count
  end
  return answers
end
