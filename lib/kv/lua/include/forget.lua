--[[ Removes a tombstone that all members hold, or tells whether it may be removed.
  Promise: only a tombstone goes, and only while no other ballot was promised; its ballot stays in the floor, below which
  nothing is promised or taken over for a key without a record (protocols/kv.md, S18 S19).
  Keys   record, due index, floor      Request  "nn F" ballot of the tombstone (16) '?' to ask, '!' to remove
  Answers 'A' (it is held here, or was removed) | 'S'   Cost O(log registers that are due) ]]
local function forget(request, key)
  local ballot, act = string.sub(request, 5, 20), string.sub(request, 21, 21)
  local head = redis.call('GETRANGE', KEYS[key], 0, 45)
  local floor = redis.call('GET', KEYS[key + 2]) or '0'
  if head == '' or string.sub(head, 17, 32) + 0 == 0 then
    return floor + 0 >= ballot + 0 and 'A' or 'S'
  end
  if string.sub(head, 1, 32) ~= ballot .. ballot or string.sub(head, 46) ~= 'T' then
    return 'S'
  end
  if act == '!' then
    redis.call('DEL', KEYS[key])
    redis.call('ZREM', KEYS[key + 1], KEYS[key])
    if ballot + 0 > floor + 0 then
      redis.call('SET', KEYS[key + 2], ballot)
    end
  end
  return 'A'
end
