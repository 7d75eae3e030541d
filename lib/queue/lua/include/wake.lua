--[[ Wakes idle consumers, those first that listen the shortest; one that ended is passed over. One whose home is
  another member is woken there, by the same put: here it only counts.
  wake(queue, count)   Cost O(count + log consumers) ]]
--- @include "member_time"
local function wake(q, count)
  while count > 0 do
    local popped = redis.call('ZPOPMIN', q.idle, count)
    local now = member_time()
    for i = 1, #popped, 2 do
      if tonumber(popped[i + 1]) > now then
        local inbox, id = string.match(popped[i], '^(%S+) (%S+)$')
        -- one that is gone without a word hears nothing
        if not inbox or redis.call('PUBLISH', inbox, id .. ' ready') > 0 then
          count = count - 1
        end
      end
    end
    if #popped == 0 then
      return
    end
  end
end
