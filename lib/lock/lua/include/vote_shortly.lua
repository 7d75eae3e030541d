--[[ The short way of most requests: one lock that nobody waits for or shares. It answers only what acquire and release
  would answer, and leaves to them all else; without tables, by columns, and asking for the time only when it needs it.
  Promise: as acquire and release (protocols/lock.md, S01 S02 S15).
  vote_shortly(request, record key) returns answer | nil when it takes the long way   Cost O(1) ]]
--- @include "member_time"
--- @include "short_names"
local find, format = string.find, string.format
local none = '0000000000000'
local granted_lease, ends_text, lasts_text
local function acquire_shortly(request, key)
  local text, seen = call('GET', key), 0
  local now, now_us = member_time()
  if text then
    if find(text, ' ', 32, true) or sub(text, 1, 13) + 0 > now then
      return nil
    end
    seen = sub(text, 15, 30) + 0
  end
  local token = sub(request, 12, 27)
  if token + 0 <= seen or token + 0 > now_us + 86400000000 then
    return nil
  end
  local holder_end = find(request, ' ', 29, true)
  local holder = sub(request, 29, holder_end - 1)
  local lease = sub(request, holder_end + 1, find(request, ' ', holder_end + 1, true) - 1)
  -- most requests of a batch want the same lease: its numbers become text once
  if lease ~= granted_lease then
    granted_lease = lease
    ends_text, lasts_text = format('%013.0f', now + lease), format('%.0f', lease + ARGV[2])
  end
  call('SET', key, ends_text .. ' ' .. token .. ' ' .. holder, 'PX', lasts_text)
  return 'GRANTED'
end
local function release_shortly(request, key)
  local text = call('GET', key)
  if not text or sub(text, 32) ~= sub(request, 14) or sub(text, 1, 13) == none then
    return nil
  end
  -- stored for its lease and the retention after that, the record need not be told again how long it lives
  call('SETRANGE', key, '0', none)
  return 'RELEASED'
end
local function vote_shortly(request, key)
  local verb = sub(request, 1, 13)
  if verb == '01 release 0 ' then
    return release_shortly(request, key)
  elseif sub(verb, 1, 11) == '01 acquire ' then
    return acquire_shortly(request, key)
  end
end
