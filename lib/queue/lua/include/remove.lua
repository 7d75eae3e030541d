--[[ Removes messages that nobody holds; also one that is not known here, as others may know it.
  Request  "nn R" then per message: id ' '
  Answer   one letter per message: A removed, U not known, D done before, L leased   Cost O(log messages) each ]]
--- @include "finish"
--- @include "is_done"
--- @include "member_time"
--- @include "wake"
local function remove(request, q)
  local letters, entered = {}, 0
  local now = member_time()
  for id in string.gmatch(string.sub(request, 5), '%S+') do
    local ends = redis.call('ZSCORE', q.leased, id)
    local letter
    if is_done(q, id) then
      letter = 'D'
    elseif ends and tonumber(ends) > now then
      letter = 'L'
    else
      letter = redis.call('HEXISTS', q.records, id) == 1 and 'A' or 'U'
      entered = entered + finish(q, id)
    end
    letters[#letters + 1] = letter
  end
  wake(q, entered)
  return table.concat(letters)
end
