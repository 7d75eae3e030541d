--[[ Promises a ballot, if it is above all this member knows of the register.
  Promise: a ballot is promised once; none is promised that is not above what was forgotten (protocols/kv.md, S17 S18).
  Keys   record, floor      Request  "nn P" ballot (16 digits)
  Answers 'P' and what is told of the record | 'S' and the ballot it must be above | 'C' and own time (µs): the ballot is
    over a day ahead   Cost O(bytes of the value) ]]
--- @include "member_time"
--- @include "whole"
local nothing_accepted = string.rep('0', 29)
local function prepare(request, key)
  local ballot = string.sub(request, 5, 20)
  local text = redis.call('GET', KEYS[key])
  if text and string.sub(text, 1, 16) + 0 >= ballot + 0 then
    return 'S' .. string.sub(text, 1, 16)
  end
  local _, now_us = member_time()
  if ballot + 0 > now_us + 86400000000 then
    return 'C' .. whole(now_us)
  end
  if text and string.sub(text, 17, 32) + 0 > 0 then
    redis.call('SETRANGE', KEYS[key], 0, ballot)
    return 'P' .. string.sub(text, 17)
  end
  local floor = redis.call('GET', KEYS[key + 1])
  if floor and floor + 0 >= ballot + 0 then
    return 'S' .. floor
  end
  -- a client that dies must leave nothing; until it goes no accept may use it any more (see accept)
  redis.call('SET', KEYS[key], ballot .. nothing_accepted, 'PX', ARGV[2])
  return 'P' .. nothing_accepted
end
