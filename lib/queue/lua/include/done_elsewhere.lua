--[[ Writes tombstones of messages that some member knows to be done, but for those that are leased here to another: an ack
  that only a minority got is no decision, and its message may have been leased again since. Nobody else may have the next
  one of its group until that lease ends (protocols/queue.md, S35).
  Request  "nn D" then per message: id ' ' holder ' ' (whose lease ends with it; '-' for nobody's)
  Answer   one letter per message: A done, L left alone   Cost O(log messages) each ]]
--- @include "finish"
--- @include "group_leased_to"
--- @include "member_time"
--- @include "wake"
local function done_elsewhere(request, q)
  local letters, entered, now = {}, 0, member_time()
  for id, holder in string.gmatch(string.sub(request, 5), '(%S+) (%S+) ') do
    local ends = tonumber(redis.call('ZSCORE', q.leased, id) or 0)
    if ends > now and not group_leased_to(redis.call('HGET', q.states, id), holder) then
      letters[#letters + 1] = 'L'
    else
      entered = entered + finish(q, id)
      letters[#letters + 1] = 'A'
    end
  end
  wake(q, entered)
  return table.concat(letters)
end
