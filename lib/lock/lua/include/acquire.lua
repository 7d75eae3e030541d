--[[ Grants or refuses n locks to one exclusive holder, all or none.
  Promise: two live holders are never granted; the stored token never goes down (protocols/lock.md, S01 S02).
  Keys   n records      Own arguments  "token holder lease line previous"
    token (µs, 16 digits)   lease (ms)   line: ms for which newcomers are sent to the line when this is refused; 0 when the caller
    does not wait; 'turn' when home gave the caller its turn: then lines are not looked at
    previous: '-', or per lock the holder under which the caller has it already, separated by commas
  Answers 'GRANTED' | {'HELD', wait ms, index of each refused key...} | {'LINE', index...} | {'STALE', token}
    | {'CLOCK', µs}   Cost O(n) ]]
--- @include "check_token"
--- @include "read_record"
--- @include "write_record"
--- @include "send_to_line"
local function acquire(own, key, count, now, now_us, retention)
  local text, holder, lease, line, previous = string.match(own, '^(%d+) (%S+) (%d+) (%S+) (%S+)$')
  local token = tonumber(text)
  local seen, wait, records, held, lined = 0, 0, {}, nil, nil
  local next_previous = previous ~= '-' and string.gmatch(previous, '[^,]+')
  for i = 0, count - 1 do
    local record = read_record(KEYS[key + i])
    records[i] = record
    local before = next_previous and next_previous()
    local is_ours = record.holder == holder or (before and record.holder == before)
    local busy = math.max(is_ours and 0 or record.ends, record.shared_ends)
    if busy > now then
      held = held or {}
      held[#held + 1] = i
      wait = math.max(wait, busy - now)
    elseif record.line_ends > now and line ~= 'turn' then
      lined = lined or {}
      lined[#lined + 1] = i
    end
    seen = math.max(seen, record.token, record.shared_token)
  end
  if held or lined then
    return send_to_line(key, held or {}, lined or {}, wait, tonumber(line) or 0, now, retention)
  end
  local objection = check_token(token, seen, now_us)
  if objection then
    return objection
  end
  for i = 0, count - 1 do
    local record = records[i]
    record.holder, record.ends, record.token = holder, now + tonumber(lease), token
    if line == 'turn' then
      record.turn, record.turn_ends = '-', 0
    end
    write_record(KEYS[key + i], record, now, retention)
  end
  return 'GRANTED'
end
