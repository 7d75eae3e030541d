--[[ Stores the record of a message that has none here.
  store_record(queue, id, record) returns whether it was leased here before it came; whether it stands somewhere by that
  Cost O(log messages) ]]
local function store_record(q, id, record)
  redis.call('HSET', q.records, id, record)
  redis.call('ZADD', q.seen, string.sub(id, 1, 16), id)
  if redis.call('HEXISTS', q.states, id) == 0 then
    return false, false
  end
  redis.call('ZREM', q.unknown, id)
  return true, redis.call('ZSCORE', q.leased, id) ~= false or redis.call('ZSCORE', q.dead, id) ~= false
end
