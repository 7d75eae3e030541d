--[[ Runs a batch of lock requests in order, each decided on its own; an error in one leaves the others alone.
  Promise: a member without a valid marker gives no vote (protocols/quorum.md, S03).
  KEYS[1]  member marker, then the keys of each request      ARGV[1] run_id or '*'   ARGV[2] fence retention (ms), then
  one text per request: "nn verb own arguments", nn being its number of locks in two digits
  run_batch(vote, keys per lock) returns 'REJOIN' | one answer per request, {'FAILED', error text} for one that failed;
  where all are words, one text of them
    vote(request, first key, n) returns that request's answer ]]
--- @include "is_voting"
local function run_batch(vote, keys_per_lock)
  if not is_voting(KEYS[1], ARGV[1]) then
    return 'REJOIN'
  end
  local answers, key, are_words = {}, 2, true
  for i = 3, #ARGV do
    local request = ARGV[i]
    local count = string.sub(request, 1, 2) + 0
    local fine, answer = pcall(vote, request, key, count)
    if not fine then
      answer = { 'FAILED', type(answer) == 'table' and answer.err or tostring(answer) }
    end
    answers[i - 2] = answer
    are_words = are_words and type(answer) == 'string'
    key = key + keys_per_lock * count
  end
  -- as one text they cost both ends a third
  return are_words and table.concat(answers, ' ') or answers
end
