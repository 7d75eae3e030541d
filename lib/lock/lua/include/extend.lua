--[[ Renews n exclusive locks of one holder, all or none. A lock that is free here is granted again when no later token
  was seen: so a member that lost it is healed while it is held.
  Promise: a holder that was followed by another is never let in again (protocols/lock.md, S12).
  Keys   n records      Own arguments  "token lease holder" (µs, ms)
  Answers 'EXTENDED' | {'LOST', index...}   Cost O(n) ]]
--- @include "read_record"
--- @include "write_record"
local function extend(own, key, count, now, _, retention)
  local text, lease, holder = string.match(own, '^(%d+) (%d+) (%S+)$')
  local token, records, lost = tonumber(text), {}, {}
  for i = 0, count - 1 do
    local record = read_record(KEYS[key + i])
    records[i] = record
    local is_ours = record.holder == holder and record.ends > now
    local is_free = record.ends <= now and record.shared_ends <= now
    local is_followed = math.max(record.token, record.shared_token) > token
    if not is_ours and (not is_free or is_followed) then
      lost[#lost + 1] = i
    end
  end
  if #lost > 0 then
    return { 'LOST', unpack(lost) }
  end
  for i = 0, count - 1 do
    local record = records[i]
    -- never shortened: an extension may be executed late, and its answer may be lost
    record.ends = math.max(record.holder == holder and record.ends or 0, now + tonumber(lease))
    record.holder, record.token = holder, math.max(record.token, token)
    write_record(KEYS[key + i], record, now, retention)
  end
  return 'EXTENDED'
end
