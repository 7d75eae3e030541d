--[[ Stores a record, notes in the index when somebody must look at it, and wakes who listens.
  store_register(number of the key of the record, after which that of its listeners comes; record text, due (13 digits), due
    before)   note_due(index, key of the record, due, due before)   Cost O(bytes of the value + listeners) ]]
--- @include "short_names"
local never = '0000000000000'
local is_listened
local function note_due(index, name, due, before)
  if due == before then
    return
  elseif due == never then
    call('ZREM', index, name)
  else
    call('ZADD', index, due, name)
  end
end
local function store_register(key, text, due, before)
  call('SET', KEYS[key], text)
  note_due(KEYS[2], KEYS[key], due, before == '' and never or before)
  if is_listened == nil then
    is_listened = call('EXISTS', KEYS[4]) == 1
  end
  if is_listened then
    for _, who in ipairs(call('ZRANGE', KEYS[key + 1], 0, -1)) do
      local channel, id = string.match(who, '^(%S+) (%S+)$')
      call('PUBLISH', channel, id .. ' changed')
    end
  end
end
