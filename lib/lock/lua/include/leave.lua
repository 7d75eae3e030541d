--[[ A waiter gives up: it leaves the line, and a turn that it was given goes to the next.
  Keys   1 record, 1 line, 1 reader set (not used)      Own arguments  "holder mode inbox"
  Answers 'LEFT'   Cost O(log line) ]]
--- @include "read_record"
--- @include "write_record"
--- @include "wake"
local function leave(own, key, _, now, now_us, retention)
  local record, line = read_record(KEYS[key]), KEYS[key + 1]
  redis.call('ZREM', line, own)
  if record.turn == string.match(own, '^%S+') then
    record.turn, record.turn_ends = '-', 0
    if record.ends <= now then
      wake(record, line, now, now_us)
    end
    write_record(KEYS[key], record, now, retention)
  end
  return 'LEFT'
end
