--[[ Grants or refuses n locks to one shared holder, all or none: any number of them, but none beside an exclusive one.
  Promise: no shared holder is granted beside a live exclusive one; the token is above all seen (lock.md, S01 S02).
  Keys   n records, n lines (not used), n reader sets      Own arguments  "token lease line holder"   Answers as acquire:
  no 'previous', as shared holders do not exclude each other
  Cost O(n log readers) ]]
--- @include "check_token"
--- @include "read_record"
--- @include "write_record"
--- @include "send_to_line"
--- @include "whole"
local function acquire_shared(own, key, count, now, now_us, retention)
  local text, lease, line, holder = string.match(own, '^(%d+) (%d+) (%S+) (%S+)$')
  local token, seen, wait, records, held, lined = tonumber(text), 0, 0, {}, {}, {}
  for i = 0, count - 1 do
    local record = read_record(KEYS[key + i])
    records[i] = record
    if record.ends > now then
      held[#held + 1] = i
      wait = math.max(wait, record.ends - now)
    elseif record.line_ends > now and line ~= 'turn' then
      lined[#lined + 1] = i
    end
    seen = math.max(seen, record.token, record.shared_token)
  end
  if #held > 0 or #lined > 0 then
    return send_to_line(key, held, lined, wait, tonumber(line) or 0, now, retention)
  end
  local objection = check_token(token, seen, now_us)
  if objection then
    return objection
  end
  for i = 0, count - 1 do
    local record, readers, ends = records[i], KEYS[key + 2 * count + i], now + tonumber(lease)
    record.shared_ends, record.shared_token = math.max(record.shared_ends, ends), token
    if line == 'turn' then
      record.turn, record.turn_ends = '-', 0
    end
    redis.call('ZREMRANGEBYSCORE', readers, '-inf', whole(now))
    redis.call('ZADD', readers, whole(ends), holder)
    redis.call('PEXPIRE', readers, whole(record.shared_ends - now))
    write_record(KEYS[key + i], record, now, retention)
  end
  return 'GRANTED'
end
