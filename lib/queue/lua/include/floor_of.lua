--[[ The floor of this member: of all that was created before it, it holds every message that is not done.
  floor_of(queue) returns µs   Cost O(1), once per request ]]
local function floor_of(q)
  if not q.floor then
    q.floor = tonumber(redis.call('HGET', q.facts, 'floor') or 0)
  end
  return q.floor
end
