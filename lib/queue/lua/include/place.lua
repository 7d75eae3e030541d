--[[ Lets a message stand where it belongs: as dead letter, until it is due, or ready. One that waits for its next attempt
  is the head of its group, so that it is not overtaken, unless another is leased or waits likewise.
  place(queue, id, priority, group, where, ms, was_leased): where R | Y not before that many ms | X dead since that many ms
  Cost O(log messages) ]]
--- @include "become_head"
--- @include "enter"
--- @include "member_time"
local function place(q, id, priority, group, where, ms, was_leased)
  local now = member_time()
  if where == 'X' then
    redis.call('ZADD', q.dead, now - ms, id)
  elseif where == 'Y' then
    redis.call('ZADD', q.delayed, now + ms, id)
    local head = group ~= '' and redis.call('HGET', q.heads, group)
    if was_leased and group ~= '' and (not head or head == id or redis.call('ZSCORE', q.ready, head)) then
      become_head(q, id, group)
    end
  else
    enter(q, id, priority, group)
  end
end
