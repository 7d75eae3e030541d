--[[ Takes over what another member has accepted, if it is newer than all this one knows.
  Promise: a record only moves forward; what was removed does not come back (protocols/kv.md, S19).
  Keys   record, due index, listeners, floor      Request  "nn W" accepted ballot (16) due (13) state
  Answers 'A' (it is here) | 'S' and a ballot that stands in its way   Cost O(bytes of the value + listeners) ]]
--- @include "store_register"
local function write_back(request, key)
  local head = redis.call('GETRANGE', KEYS[key], 0, 44)
  local ballot = string.sub(request, 5, 20)
  local accepted = string.sub(head, 17, 32)
  if accepted == ballot then
    return 'A'
  end
  if head ~= '' and (accepted + 0 > ballot + 0 or string.sub(head, 1, 16) + 0 > ballot + 0) then
    return 'S' .. string.sub(head, 1, 16)
  end
  local floor = redis.call('GET', KEYS[key + 3])
  if (accepted == '' or accepted + 0 == 0) and floor and floor + 0 >= ballot + 0 then
    -- a removed tombstone is as good as one that is there
    return string.sub(request, 34, 34) == 'T' and 'A' or 'S' .. floor
  end
  local text = ballot .. string.sub(request, 5)
  store_register(KEYS[key], KEYS[key + 1], KEYS[key + 2], text, string.sub(request, 21, 33), string.sub(head, 33))
  return 'A'
end
