--[[ Runs a batch of one protocol's requests in order, each decided on its own; an error in one leaves the others alone.
  Promise: a member without a valid marker gives no vote (protocols/quorum.md, S03).
  KEYS[1]  member marker, the protocol's own keys, then the keys of each request
  ARGV[1]  run_id   ARGV[2] fence retention (ms), then one text per request: "nn verb own arguments", nn being the
    number of its records (or keys) in two digits
  run_batch(vote, keys per record, are_words, first key of requests or nil for 2) returns 'REJOIN' | one answer per request,
    {'FAILED', error text} for one that failed; where all are words that hold no space, one text of them
    vote(request, first key, n) returns that request's answer, and true when it may hold a space ]]
--- @include "is_voting"
--- @include "short_names"
local function run_batch(vote, keys_per_record, are_words, first_key)
  if not is_voting(KEYS[1], ARGV[1]) then
    return 'REJOIN'
  end
  local answers, key, at, last = {}, first_key or 2, 3, #ARGV
  local function run()
    while at <= last do
      local request = ARGV[at]
      local count = sub(request, 1, 2)
      -- nearly always one, and reading a number costs more than a comparison
      count = count == '01' and 1 or count + 0
      local answer, is_text = vote(request, key, count)
      answers[at - 2] = answer
      are_words = are_words and not is_text and type(answer) == 'string'
      at, key = at + 1, key + keys_per_record * count
    end
  end
  -- one pcall while nothing fails: one for each request would cost as much as reading its record
  local fine, failure = pcall(run)
  while not fine do
    answers[at - 2] = { 'FAILED', type(failure) == 'table' and failure.err or tostring(failure) }
    are_words = false
    at, key = at + 1, key + keys_per_record * (sub(ARGV[at], 1, 2) + 0)
    fine, failure = pcall(run)
  end
  -- as one text they cost both ends a third
  return are_words and table.concat(answers, ' ') or answers
end
