--[[ Raises this member's floor: all that is older and not done, it holds. Tombstones below it go, and states of messages
  that never came here, some at a time.
  Request "nn B" floor (µs)   Answer M more are to go: ask again | A   Cost O(ids looked at, up to 2000) ]]
--- @include "finish"
--- @include "floor_of"
--- @include "wake"
--- @include "whole"
local looked_at = 1000
local function sweep(q)
  local below = '(' .. whole(q.floor)
  local swept = redis.call('HGET', q.facts, 'swept') or '-inf'
  local ids = redis.call('ZRANGEBYSCORE', q.seen, swept, below, 'LIMIT', 0, looked_at)
  for _, id in ipairs(ids) do
    if redis.call('HEXISTS', q.records, id) == 0 then
      redis.call('ZREM', q.seen, id)
    end
  end
  local is_through = #ids < looked_at
  redis.call('HSET', q.facts, 'swept', is_through and whole(q.floor) or string.sub(ids[#ids], 1, 16))
  local entered = 0
  local unknown = redis.call('ZRANGEBYSCORE', q.unknown, '-inf', below, 'LIMIT', 0, looked_at)
  for _, id in ipairs(unknown) do
    entered = entered + finish(q, id)
  end
  wake(q, entered)
  return is_through and #unknown < looked_at
end
local function raise_floor(request, q)
  local floor = tonumber(string.sub(request, 5))
  if floor > floor_of(q) then
    q.floor = floor
    redis.call('HSET', q.facts, 'floor', whole(floor))
  end
  return sweep(q) and 'A' or 'M'
end
