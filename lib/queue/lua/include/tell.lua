--[[ Tells what this member knows of messages. Changes nothing.
  Request  "nn Q" or "nn C" then per message: id ' '; C asks for contents too
  Answer   per message {word, ms, token, attempt}, word: D done, U unknown, else as place_of; for C live ones
           {word, ms, token, attempt, state, record}, and some fewer when records are large: ask for the rest again
  Cost O(1) each ]]
--- @include "is_done"
--- @include "member_time"
--- @include "place_of"
--- @include "read_state"
--- @include "whole"
-- bytes of records in one answer, about
local told_max = 1000000
local function tell(request, q)
  local answers, with_contents = {}, string.sub(request, 4, 4) == 'C'
  local now, bytes = member_time(), 0
  for id in string.gmatch(string.sub(request, 5), '%S+') do
    local state = redis.call('HGET', q.states, id)
    local token, attempt = read_state(state)
    local answer
    if redis.call('HEXISTS', q.records, id) == 1 then
      local word, ms = place_of(q, id, now)
      answer = { word, whole(ms), whole(token), whole(attempt) }
      if with_contents then
        answer[5], answer[6] = state or '', redis.call('HGET', q.records, id)
        bytes = bytes + #answer[6]
      end
    else
      answer = { is_done(q, id) and 'D' or 'U', '0', whole(token), whole(attempt) }
    end
    answers[#answers + 1] = answer
    if bytes > told_max then
      break
    end
  end
  return answers
end
