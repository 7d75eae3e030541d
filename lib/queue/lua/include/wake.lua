--[[ Wakes idle consumers, those first that listen the shortest; one that ended is passed over. So is one that only stands
  here: its home wakes it. It keeps its place; past more than a few of them no other is looked for.
  wake(queue, count)   Cost O(count + log consumers) ]]
--- @include "listen_ms"
--- @include "member_time"
local standing_max = 16
local function wake(q, count)
  local call, standing, n = redis.call, {}, 0
  while count > 0 and n < 2 * standing_max do
    local popped = call('ZPOPMIN', q.idle, count)
    if #popped == 0 then
      break
    end
    local now = member_time()
    for i = 1, #popped, 2 do
      local inbox, id, stands = string.match(popped[i], '^(%S+) (%S+) %d+( ?%-?)$')
      if tonumber(popped[i + 1]) > now then
        if stands ~= '' then
          standing[n + 1], standing[n + 2] = popped[i + 1], popped[i]
          n = n + 2
        -- one that is gone without a word hears nothing
        elseif call('PUBLISH', inbox, id .. ' ready') > 0 then
          count = count - 1
        end
      end
    end
  end
  if n > 0 then
    call('ZADD', q.idle, unpack(standing))
    call('PEXPIRE', q.idle, listen_ms)
  end
end
