--[[ Removes messages that nobody holds; also one that is not known here, as others may know it.
  Request  "nn R" then per message: id ' '
  Answer   one letter per message: A removed, U not known, D done before, L leased   Cost O(log messages) each ]]
--- @include "creation"
--- @include "finish"
--- @include "is_done"
--- @include "member_time"
--- @include "wake"
local function remove(request, q)
  local letters, entered = {}, 0
  local now, now_us = member_time()
  for id in string.gmatch(string.sub(request, 5), '%S+') do
    local ends = tonumber(redis.call('ZSCORE', q.leased, id) or 0)
    local letter = 'A'
    if is_done(q, id) then
      letter = 'D'
    elseif ends > now then
      letter = 'L'
    else
      letter = redis.call('HEXISTS', q.records, id) == 1 and 'A' or 'U'
      -- what nobody can have put yet leaves no tombstone: no floor would ever pass it
      if letter == 'A' or creation(id) <= now_us + 86400000000 then
        entered = entered + finish(q, id)
      end
    end
    letters[#letters + 1] = letter
  end
  wake(q, entered)
  return table.concat(letters)
end
