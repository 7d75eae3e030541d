--[[ Makes leased messages dead letters, for their holders only.
  Request  "nn X" then per message: id ' ' holder ' ' length ' ' reason
  Answer   one letter per message: A accepted, now or before, R refused, D done   Cost O(log messages) each ]]
--- @include "is_done"
--- @include "leave"
--- @include "member_time"
--- @include "pass_on"
--- @include "read_header"
--- @include "read_state"
--- @include "wake"
--- @include "write_state"
local function reject(request, q)
  local letters, position, entered = {}, 5, 0
  while position <= #request do
    local id, holder, size, start = string.match(request, '^(%S+) (%S+) (%d+) ()', position)
    position = start + size
    local token, attempt, kind, known, group = read_state(redis.call('HGET', q.states, id))
    local letter = 'R'
    if kind == 'L' and known == holder then
      letter = 'A'
      local record = redis.call('HGET', q.records, id)
      leave(q, id, record and read_header(record) or 0, group)
      local reason = string.sub(request, start, position - 1)
      redis.call('HSET', q.states, id, write_state(token, attempt, 'X', holder, group, reason))
      redis.call('ZADD', q.dead, member_time(), id)
      entered = entered + pass_on(q, id, group)
    elseif kind == 'X' and known == holder then
      letter = 'A'
    elseif is_done(q, id) then
      letter = 'D'
    end
    letters[#letters + 1] = letter
  end
  wake(q, entered)
  return table.concat(letters)
end
