--[[ Gives leased messages back, for their holders only. One of a group stays its head, so the group waits for it.
  Request  "nn N" then per message: id ' ' holder ' ' delay (ms) ' ' back ' '; back: 1 when the attempt does not count, else 0
  Answer   one letter per message: A accepted, R refused, D done   Cost O(log messages) each ]]
--- @include "enter"
--- @include "is_done"
--- @include "leave"
--- @include "member_time"
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
      if not record then
        -- it was never known here but for this lease
        redis.call('HDEL', q.states, id)
        if group ~= '' and redis.call('HGET', q.heads, group) == id then
          redis.call('HDEL', q.heads, group)
        end
      else
        redis.call('HSET', q.states, id, write_state(token, attempt - back, 'N', '-', group))
        if delay + 0 > 0 then
          redis.call('ZADD', q.delayed, now + delay, id)
        else
          enter(q, id, priority, group)
        end
        -- of one that is delayed an idle consumer learns when to look
        entered = entered + 1
      end
    elseif is_done(q, id) then
      letter = 'D'
    end
    letters[#letters + 1] = letter
  end
  wake(q, entered)
  return table.concat(letters)
end
