--[[ Settles messages as done, for their holders only.
  Promise: accepted only from the one that leased it last (protocols/queue.md, S27); what is done stays done.
  Request  "nn A" then per message: id ' ' holder ' '
  Answer   one letter per message: A accepted, R refused (another leased it since, or it is not leased), D done before
  Cost O(log messages) each ]]
--- @include "finish"
--- @include "is_done"
--- @include "read_state"
--- @include "wake"
local function ack(request, q)
  local letters, entered = {}, 0
  for id, holder in string.gmatch(string.sub(request, 5), '(%S+) (%S+)') do
    local _, _, kind, known = read_state(redis.call('HGET', q.states, id))
    local letter = 'R'
    if kind == 'L' and known == holder then
      entered = entered + finish(q, id)
      letter = 'A'
    elseif is_done(q, id) then
      letter = 'D'
    end
    letters[#letters + 1] = letter
  end
  wake(q, entered)
  return table.concat(letters)
end
