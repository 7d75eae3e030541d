--[[ The short way of most requests: one lock that nobody waits for or shares, of a holder named by 16 characters. It
  answers only what acquire and release would answer, and leaves to them all else; without tables, by columns.
  Times and tokens are compared as texts: reading a number costs more. Both begin with the seconds since 1970, so a text
  that is not above the first digits of another is surely before it; what is close by takes the long way.
  Promise: as acquire and release (protocols/lock.md, S01 S02 S15).
  vote_shortly(request, record key) returns answer | nil when it takes the long way   Cost O(1) ]]
--- @include "member_time"
--- @include "short_names"
-- of "ends token holder"; what else a record may hold takes 22 more at least, so that none is as long by chance
local plain_length = 47
local now_s, terms_read, ends_text, lasts_text
local function read_terms(terms)
  local lease = string.match(terms, '^ (%d+) %S+ %S+$')
  local now, _, seconds = member_time()
  if not lease or #seconds ~= 10 then
    return false
  end
  local format = string.format
  ends_text, lasts_text = format('%013.0f', now + lease), format('%.0f', lease + ARGV[2])
  terms_read, now_s = terms, seconds
  return true
end
local function acquire_shortly(request, key)
  -- most requests of a batch want the same lease: its numbers become text once
  local terms = sub(request, 45)
  if terms ~= terms_read and not read_terms(terms) then
    return nil
  end
  local text, token = call('GET', key), sub(request, 12, 27)
  -- a token from beyond this lease may be of a wrong clock
  if token > ends_text or text and (#text ~= plain_length or text > now_s or sub(text, 15, 30) >= token) then
    return nil
  end
  call('SET', key, ends_text .. sub(request, 11, 44), 'PX', lasts_text)
  return 'GRANTED'
end
local function release_shortly(request, key)
  local text = call('GET', key)
  if not text or #text ~= plain_length or text < '1' or sub(text, 32) ~= sub(request, 14) then
    return nil
  end
  -- stored for its lease and the retention after that, the record need not be told again how long it lives
  call('SETRANGE', key, '0', '0000000000000')
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
