--[[ Gives this member messages that it missed and that others know to be live. Its own leases stay as they are.
  Promise: what is done here stays done (protocols/queue.md, S25).
  Request  "nn H" then per message: id ' ' where ' ' ms ' ' length ' ' length ' ' state record
    where: R ready; Y not before that many ms have passed; X dead letter since that many ms   state: see read_state, or empty
  Answer   one letter per message: A, D   Cost O(log messages) each ]]
--- @include "enter"
--- @include "is_done"
--- @include "member_time"
--- @include "read_header"
--- @include "wake"
local function heal(request, q)
  local letters, position, entered = {}, 5, 0
  local now = member_time()
  while position <= #request do
    local id, where, ms, state_size, size, start = string.match(request, '^(%S+) (%a) (%d+) (%d+) (%d+) ()', position)
    local body_start = start + state_size
    position = body_start + size
    local letter = 'A'
    if is_done(q, id) then
      letter = 'D'
    elseif redis.call('HEXISTS', q.records, id) == 0 then
      local record = string.sub(request, body_start, position - 1)
      redis.call('HSET', q.records, id, record)
      redis.call('ZADD', q.seen, string.sub(id, 1, 16), id)
      -- leased or dead here before it was known: it stays so
      if not redis.call('ZSCORE', q.leased, id) and not redis.call('ZSCORE', q.dead, id) then
        if state_size + 0 > 0 then
          redis.call('HSET', q.states, id, string.sub(request, start, body_start - 1))
        end
        if where == 'X' then
          redis.call('ZADD', q.dead, now - ms, id)
        elseif where == 'Y' then
          redis.call('ZADD', q.delayed, now + ms, id)
        else
          enter(q, id, read_header(record))
          entered = entered + 1
        end
      end
    end
    letters[#letters + 1] = letter
  end
  wake(q, entered)
  return table.concat(letters)
end
