--[[ Takes over what another member has accepted, if it is newer than all this one knows.
  Promise: a record only moves forward; what was removed does not come back (protocols/kv.md, S19).
  Keys   record, listeners      Request  "02 W" accepted ballot (16) due (13) state
  Answers 'A' (it is here) | 'S' and a ballot that stands in its way   Cost O(bytes of the value + listeners) ]]
--- @include "short_names"
--- @include "store_register"
--- @include "floor_ballot"
local function write_back(request, key)
  local head = call('GETRANGE', KEYS[key], '0', '44')
  local ballot = sub(request, 5, 20)
  local accepted = sub(head, 17, 32)
  if accepted == ballot then
    return 'A'
  end
  if head ~= '' and (accepted + 0 > ballot + 0 or sub(head, 1, 16) + 0 > ballot + 0) then
    return 'S' .. sub(head, 1, 16)
  end
  if (accepted == '' or accepted + 0 == 0) and floor_ballot() + 0 >= ballot + 0 then
    -- a removed tombstone is as good as one that is there
    return sub(request, 34, 34) == 'T' and 'A' or 'S' .. floor_ballot()
  end
  store_register(key, ballot .. sub(request, 5), sub(request, 21, 33), sub(head, 33))
  return 'A'
end
