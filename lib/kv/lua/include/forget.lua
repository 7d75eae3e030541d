--[[ Removes a tombstone that all members hold, or tells whether it may be removed.
  Promise: only a tombstone goes, and only while no other ballot was promised; its ballot stays in the floor, below which
  nothing is promised or taken over for a key without a record (protocols/kv.md, S18 S19).
  Keys   record      Request  "01 F" ballot of the tombstone (16) '?' to ask, '!' to remove
  Answers 'A' (it is held here, or was removed) | 'S'   Cost O(log registers that are due) ]]
--- @include "short_names"
--- @include "floor_ballot"
local function forget(request, key)
  local ballot, act = sub(request, 5, 20), sub(request, 21, 21)
  local head = call('GETRANGE', KEYS[key], '0', '45')
  if head == '' or sub(head, 17, 32) + 0 == 0 then
    return floor_ballot() + 0 >= ballot + 0 and 'A' or 'S'
  end
  if sub(head, 1, 32) ~= ballot .. ballot or sub(head, 46) ~= 'T' then
    return 'S'
  end
  if act == '!' then
    call('DEL', KEYS[key])
    call('ZREM', KEYS[2], KEYS[key])
    raise_floor(ballot)
  end
  return 'A'
end
