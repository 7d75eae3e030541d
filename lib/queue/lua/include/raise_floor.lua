--[[ Raises this member's floor: all that is older and not done, it holds. Tombstones below it go, some at a time.
  Request "nn B" floor (µs)   Answer M more tombstones are to go: ask again | A   Cost O(tombstones that go, up to 1000) ]]
local function raise_floor(request, q)
  local floor = string.sub(request, 5)
  if tonumber(floor) > tonumber(redis.call('HGET', q.facts, 'floor') or 0) then
    redis.call('HSET', q.facts, 'floor', floor)
  end
  local count = #redis.call('ZRANGEBYSCORE', q.seen, '-inf', '(' .. floor, 'LIMIT', 0, 1000)
  if count > 0 then
    redis.call('ZREMRANGEBYRANK', q.seen, 0, count - 1)
  end
  return count == 1000 and 'M' or 'A'
end
