--[[ The ballot of the latest tombstone that was removed here, read once in a script.
  floor_ballot() returns 16 digits | '0' when there was none   raise_floor(ballot) stores a later one   Cost O(1) ]]
--- @include "short_names"
local floor
local function floor_ballot()
  floor = floor or call('GET', KEYS[3]) or '0'
  return floor
end
local function raise_floor(ballot)
  if ballot + 0 > floor_ballot() + 0 then
    call('SET', KEYS[3], ballot)
    floor = ballot
  end
end
