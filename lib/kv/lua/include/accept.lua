--[[ Accepts a value under exactly the ballot that this member has promised, and promises the next one with it.
  Promise: nothing is accepted without this very promise, so what a member forgot cannot be used; a promise that goes by
  itself is good for the first quarter of its time only, so it is used nowhere once it was forgotten anywhere
  (protocols/kv.md, S17 S18).
  Keys   record, due index, listeners      Request  "nn A" ballot (16) next ballot (16) due (13) state
  Answers 'A' | 'R' and the ballot that is promised here   Cost O(bytes of the value + listeners) ]]
--- @include "member_time"
--- @include "store_register"
local function accept(request, key)
  local head = redis.call('GETRANGE', KEYS[key], 0, 44)
  local ballot = string.sub(request, 5, 20)
  if string.sub(head, 1, 16) ~= ballot then
    return 'R' .. string.sub(head, 1, 16)
  end
  if string.sub(head, 17, 32) + 0 == 0 and redis.call('PTTL', KEYS[key]) < ARGV[2] * 3 / 4 then
    return 'R' .. ballot
  end
  local next_ballot = string.sub(request, 21, 36)
  local _, now_us = member_time()
  if next_ballot + 0 > now_us + 86400000000 then
    -- the writer's clock was set far ahead meanwhile: nobody could go above it
    next_ballot = ballot
  end
  local text = next_ballot .. ballot .. string.sub(request, 37)
  store_register(KEYS[key], KEYS[key + 1], KEYS[key + 2], text, string.sub(request, 37, 49), string.sub(head, 33))
  return 'A'
end
