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
  local match, sub, last = string.match, string.sub, #request
  local ids, holders, position, count = {}, {}, 5, 0
  while position <= last do
    local holder, messages, first = match(request, '^(%S+) (%d+) ()', position)
    position = first + 25 * messages
    for at = first, position - 1, 25 do
      count = count + 1
      ids[count], holders[count] = sub(request, at, at + 24), holder
    end
  end
  local states = redis.call('HMGET', q.states, unpack(ids))
  local letters, plain, is_settled, entered, n = {}, {}, {}, 0, 0
  local state, holder, group
  for i = 1, count do
    -- those that were leased together have the same state
    if states[i] ~= state or holders[i] ~= holder then
      state, holder = states[i], holders[i]
      group = group_leased_to(state, holder)
    end
    local id, letter = ids[i], 'R'
    if is_settled[id] then
      letter = 'D'
    elseif group then
      letter = 'A'
      is_settled[id] = true
      if group == '' then
        n = n + 1
        plain[n] = id
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
