--[[ Gives leased messages back, for their holders only. One of a group stays its head, so the group waits for it.
  Request  "nn N" then per message: id ' ' holder ' ' delay (ms) ' ' back ' '; back: 0 when the attempt counts, 1 when it does not, 2 when
           the message was delivered to nobody: the token is free again, also for who was handed it elsewhere
  Promise: who gives it back for a later attempt (0, and a delay) may rely on that time: see confirm, S41.
  Answer   one letter per message: A accepted, now or before, R refused, D done   Cost O(log messages) each ]]
--- @include "enter"
--- @include "is_done"
--- @include "leave"
--- @include "member_time"
--- @include "pass_on"
--- @include "read_header"
--- @include "read_state"
--- @include "wake"
--- @include "write_state"
local function nack(request, q)
  local letters, entered = {}, 0
  local now = member_time()
  for id, holder, delay, back in string.gmatch(string.sub(request, 5), '(%S+) (%S+) (%d+) (%d)') do
    local token, attempt, kind, known, group = read_state(redis.call('HGET', q.states, id))
    local letter = 'R'
    if kind == 'L' and known == holder then
      letter = 'A'
      local record = redis.call('HGET', q.records, id)
      local priority = record and read_header(record) or 0
      leave(q, id, priority, group)
      -- else the token stays, also where the message is not known: the next one must be above it
      token = back == '2' and token - 1 or token
      local is_counted, rests = back == '0', delay + 0 > 0
      local left_as = is_counted and rests and 'W' or 'N'
      redis.call('HSET', q.states, id, write_state(token, attempt - (is_counted and 0 or 1), left_as, holder, group))
      if not record then
        entered = entered + pass_on(q, id, group)
      else
        if rests then
          redis.call('ZADD', q.delayed, now + delay, id)
        else
          enter(q, id, priority, group)
        end
        -- of one that is delayed an idle consumer learns when to look
        entered = entered + 1
      end
    elseif (kind == 'N' or kind == 'W') and known == holder then
      letter = 'A'
    elseif is_done(q, id) then
      letter = 'D'
    end
    letters[#letters + 1] = letter
  end
  wake(q, entered)
  return table.concat(letters)
end
