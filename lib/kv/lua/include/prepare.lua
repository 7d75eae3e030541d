--[[ Promises a ballot, if it is above all this member knows of the register.
  Promise: a ballot is promised once; none is promised that is not above what was forgotten (protocols/kv.md, S17 S18).
  Keys   record      Request  "01 P" ballot (16 digits)
  Answers 'P' and what is told of the record | 'S' and the ballot it must be above | 'C' and own time (µs): the ballot is
    over a day ahead   Cost O(bytes of the value) ]]
--- @include "short_names"
--- @include "member_time"
--- @include "whole"
--- @include "floor_ballot"
local nothing_accepted = '00000000000000000000000000000'
local function prepare(request, key)
  local record, ballot = KEYS[key], sub(request, 5, 20)
  local text = call('GET', record)
  if text and sub(text, 1, 16) + 0 >= ballot + 0 then
    return 'S' .. sub(text, 1, 16)
  end
  local _, now_us = member_time()
  if ballot + 0 > now_us + 86400000000 then
    return 'C' .. whole(now_us)
  end
  if text and sub(text, 17, 32) + 0 > 0 then
    call('SETRANGE', record, '0', ballot)
    return 'P' .. sub(text, 17), true
  end
  if floor_ballot() + 0 >= ballot + 0 then
    return 'S' .. floor_ballot()
  end
  -- a client that dies must leave nothing; until it goes no accept may use it any more (see accept)
  call('SET', record, ballot .. nothing_accepted, 'PX', ARGV[2])
  return 'P' .. nothing_accepted
end
