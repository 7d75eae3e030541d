--[[ Lets go of n exclusive locks of one holder. Never touches another's (protocols/lock.md, S15).
  Keys   n records      Own arguments  "holder keep" (ms that the lock stays taken, 0 for none)
  Answers 'RELEASED' (it was held here) | 'LINED' (so it was, and somebody may wait: send release_all) | 'ABSENT'
  Cost O(n) ]]
--- @include "read_record"
--- @include "write_record"
local function release(key, count, own, now, _, retention)
  local holder, keep = string.match(own, '^(%S+) (%d+)$')
  local answer = 'ABSENT'
  for i = 0, count - 1 do
    local record = read_record(KEYS[key + i])
    if record.holder == holder and record.ends > now then
      record.ends = now + tonumber(keep)
      write_record(KEYS[key + i], record, now, retention)
      if record.line_ends > now then
        answer = 'LINED'
      elseif answer == 'ABSENT' then
        answer = 'RELEASED'
      end
    end
  end
  return answer
end
