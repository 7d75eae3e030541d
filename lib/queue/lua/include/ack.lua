--[[ Settles messages as done, for their holders only.
  Promise: accepted only from the one that leased it last (protocols/queue.md, S27); what is done stays done.
  Request  "nn A" then runs of messages: holder ' ' count ' ' and that many ids
  Answer   one letter per message: A accepted, R refused (another leased it since, or it is not leased), D done before
  Cost O(log messages) each ]]
--- @include "finish"
--- @include "finish_all"
--- @include "group_leased_to"
--- @include "is_done"
--- @include "wake"
local function ack(request, q)
  local ids, holders, position = {}, {}, 5
  while position <= #request do
    local holder, count, first = string.match(request, '^(%S+) (%d+) ()', position)
    position = first + 25 * count
    for at = first, position - 1, 25 do
      ids[#ids + 1] = string.sub(request, at, at + 24)
      holders[#ids] = holder
    end
  end
  local states = redis.call('HMGET', q.states, unpack(ids))
  local letters, plain, is_settled, entered = {}, {}, {}, 0
  for i, id in ipairs(ids) do
    local group = group_leased_to(states[i], holders[i])
    local letter = 'R'
    if is_settled[id] then
      letter = 'D'
    elseif group then
      letter = 'A'
      is_settled[id] = true
      if group == '' then
        plain[#plain + 1] = id
      else
        entered = entered + finish(q, id)
      end
    elseif is_done(q, id) then
      letter = 'D'
    end
    letters[i] = letter
  end
  finish_all(q, plain)
  wake(q, entered)
  return table.concat(letters)
end
