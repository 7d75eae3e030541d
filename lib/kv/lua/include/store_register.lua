--[[ Stores a record, notes in the index when somebody must look at it, and wakes who listens.
  store_register(keys from the record on: record, due index, listeners; record text, due (13 digits), due before)
  Cost O(bytes of the value + listeners) ]]
local never = string.rep('0', 13)
local function note_due(index, name, due, before)
  if due == before then
    return
  elseif due == never then
    redis.call('ZREM', index, name)
  else
    redis.call('ZADD', index, due, name)
  end
end
local function store_register(record, index, listeners, text, due, before)
  redis.call('SET', record, text)
  note_due(index, record, due, before == '' and never or before)
  if redis.call('EXISTS', listeners) == 1 then
    for _, who in ipairs(redis.call('ZRANGE', listeners, 0, -1)) do
      local channel, id = string.match(who, '^(%S+) (%S+)$')
      redis.call('PUBLISH', channel, id .. ' changed')
    end
  end
end
