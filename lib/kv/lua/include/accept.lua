--[[ Accepts a value under exactly the ballot that this member has promised, and promises the next one with it.
  Promise: nothing is accepted without this very promise, so what a member forgot cannot be used; a promise that goes by
  itself is good for the first quarter of its time only, so it is used nowhere once it was forgotten anywhere
  (protocols/kv.md, S17 S18).
  Keys   record, listeners      Request  "02 A" next ballot (16) ballot (16) due (13) state: as it will be stored
  Answers 'A' | 'R' and the ballot that is promised here   Cost O(bytes of the value + listeners) ]]
--- @include "short_names"
--- @include "member_time"
--- @include "store_register"
local function accept(request, key)
  local head = call('GETRANGE', KEYS[key], '0', '44')
  local ballot = sub(request, 21, 36)
  if sub(head, 1, 16) ~= ballot then
    return 'R' .. sub(head, 1, 16)
  end
  if sub(head, 17, 32) + 0 == 0 and call('PTTL', KEYS[key]) < ARGV[2] * 3 / 4 then
    return 'R' .. ballot
  end
  local text = sub(request, 5)
  local _, now_us = member_time()
  if sub(request, 5, 20) + 0 > now_us + 86400000000 then
    -- the writer's clock was set far ahead meanwhile: nobody could go above it
    text = ballot .. sub(request, 21)
  end
  store_register(key, text, sub(request, 37, 49), sub(head, 33))
  return 'A'
end
