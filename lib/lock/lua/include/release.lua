--[[ Lets go of n exclusive locks of one holder. Never touches another's (protocols/lock.md, S15).
  Keys   n records      Own arguments  "keep holder" (ms that the lock stays taken, 0 for none)
  Answers 'RELEASED' (it was held here, at least until its lease ended) | 'LINED' (so it was, and somebody may wait: send
    release_all) | 'ABSENT' (it was not, or let go before)   Cost O(n) ]]
--- @include "read_record"
--- @include "write_record"
local function release(own, key, count, now, _, retention)
  local keep, holder = string.match(own, '^(%d+) (%S+)$')
  local answer = 'ABSENT'
  for i = 0, count - 1 do
    local record = read_record(KEYS[key + i])
    if record.holder == holder and record.ends > 0 then
      record.ends = (keep ~= '0' and record.ends > now) and now + keep or 0
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
