--[[ Gives this member what it missed and others know: messages that are live, and later states of those it has.
  Promise: what is done here stays done (protocols/queue.md, S25); what is leased here is left as it is.
  Request  "nn H" then per message: id ' ' where ' ' ms ' ' length ' ' length ' ' state record
    where and ms as place, never leased; state: see read_state, or empty; record: may be empty when it is known here
  Answer   one letter per message: A, D   Cost O(log messages) each ]]
--- @include "adopt"
--- @include "is_done"
--- @include "member_time"
--- @include "read_header"
--- @include "store_record"
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
    else
      local record, stands = redis.call('HGET', q.records, id), true
      if not record and size + 0 > 0 then
        record = string.sub(request, body_start, position - 1)
        local _, is_placed = store_record(q, id, record)
        stands = is_placed
      end
      local ends = tonumber(redis.call('ZSCORE', q.leased, id) or 0)
      if record and ends <= now then
        local priority, group = read_header(record)
        local told = { where = where, ms = ms, state = string.sub(request, start, body_start - 1) }
        entered = entered + adopt(q, id, priority, group, told, stands)
      end
    end
    letters[#letters + 1] = letter
  end
  wake(q, entered)
  return table.concat(letters)
end
