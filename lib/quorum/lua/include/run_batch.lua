--[[ Runs a batch of one protocol's requests in order, each decided on its own; an error in one leaves the others alone.
  Promise: a member without a valid marker gives no vote (protocols/quorum.md, S03).
  KEYS[1]  member marker, then the keys of each request      ARGV[1] run_id or '*'   ARGV[2] fence retention (ms), then
  one text per request: "nn verb own arguments", nn being the number of its records (or keys) in two digits
  run_batch(vote, keys per record, are_words) returns 'REJOIN' | one answer per request, {'FAILED', error text} for one that failed;
  where all are words and no answer ever holds a space, one text of them
    vote(request, first key, n) returns that request's answer ]]
--- @include "is_voting"
local function run_batch(vote, keys_per_record, are_words)
  if not is_voting(KEYS[1], ARGV[1]) then
    return 'REJOIN'
  end
  local answers, key = {}, 2
  for i = 3, #ARGV do
    local request = ARGV[i]
    local count = string.sub(request, 1, 2) + 0
    local fine, answer = pcall(vote, request, key, count)
    if not fine then
      answer = { 'FAILED', type(answer) == 'table' and answer.err or tostring(answer) }
    end
    answers[i - 2] = answer
    are_words = are_words and type(answer) == 'string'
    key = key + keys_per_record * count
  end
  -- as one text they cost both ends a third
  return are_words and table.concat(answers, ' ') or answers
end
