--[[ Lets go of n locks of one holder, of either mode, and wakes who comes next. Never touches another's (lock.md, S15).
  Keys   n records, n lines, n reader sets      Own arguments  "keep holder" (ms that the lock stays taken, 0 for none)
  Answers 'RELEASED' (it was held here; exclusively, at least until its lease ended) | 'ABSENT'   Cost O(n) ]]
--- @include "read_record"
--- @include "write_record"
--- @include "wake"
--- @include "whole"
local function release_all(own, key, count, now, now_us, retention)
  local text, holder = string.match(own, '^(%d+) (%S+)$')
  local keep, answer = tonumber(text), 'ABSENT'
  for i = 0, count - 1 do
    local record, readers = read_record(KEYS[key + i]), KEYS[key + 2 * count + i]
    local changed = false
    if record.holder == holder and record.ends > 0 then
      record.ends, changed, answer = (keep > 0 and record.ends > now) and now + keep or 0, true, 'RELEASED'
    elseif record.shared_ends > 0 then
      local ends = tonumber(redis.call('ZSCORE', readers, holder) or 0)
      if ends > now then
        answer, changed = 'RELEASED', true
        if keep > 0 then
          redis.call('ZADD', readers, whole(now + keep), holder)
        else
          redis.call('ZREM', readers, holder)
        end
        record.shared_ends = tonumber(redis.call('ZREVRANGE', readers, 0, 0, 'WITHSCORES')[2] or 0)
        redis.call('PEXPIRE', readers, whole(math.max(record.shared_ends - now, 1)))
      end
    end
    if record.line_ends > now and record.ends <= now then
      changed = wake(record, KEYS[key + count + i], now, now_us) > 0 or changed
    end
    if changed then
      write_record(KEYS[key + i], record, now, retention)
    end
  end
  return answer
end
