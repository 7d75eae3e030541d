--[[ Renews n shared locks of one holder, all or none; where it is not known any more it is let in again unless there was
  an exclusive holder with a later token (protocols/lock.md, S12).
  Keys   n records, n lines (not used), n reader sets      Own arguments  "token lease holder"
  Answers as extend ]]
--- @include "read_record"
--- @include "write_record"
--- @include "whole"
local function extend_shared(own, key, count, now, _, retention)
  local text, lease, holder = string.match(own, '^(%d+) (%d+) (%S+)$')
  local token, records, lost = tonumber(text), {}, {}
  for i = 0, count - 1 do
    local record = read_record(KEYS[key + i])
    records[i] = record
    local ends = tonumber(redis.call('ZSCORE', KEYS[key + 2 * count + i], holder) or 0)
    if record.ends > now or (ends <= now and record.token > token) then
      lost[#lost + 1] = i
    end
  end
  if #lost > 0 then
    return { 'LOST', unpack(lost) }
  end
  for i = 0, count - 1 do
    local record, readers, ends = records[i], KEYS[key + 2 * count + i], now + tonumber(lease)
    -- never shortened: an extension may be executed late, and its answer may be lost
    ends = math.max(ends, tonumber(redis.call('ZSCORE', readers, holder) or 0))
    redis.call('ZADD', readers, whole(ends), holder)
    local last = tonumber(redis.call('ZREVRANGE', readers, 0, 0, 'WITHSCORES')[2])
    record.shared_ends, record.shared_token = last, math.max(record.shared_token, token)
    redis.call('PEXPIRE', readers, whole(last - now))
    write_record(KEYS[key + i], record, now, retention)
  end
  return 'EXTENDED'
end
