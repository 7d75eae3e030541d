--[[ Lets go of an exclusive lock and votes for the first in line in the same step, for a short lease; it is told so through
  its inbox. Where that cannot be, it is a release that wakes whoever comes next: the lock is not held here or its lease
  is over, the token is not above all seen (lock.md, S02), another stands first in this line, nobody reads the inbox.
  Never touches another's lock (lock.md, S15). Nobody is told of a vote that is not there: a Cluster tells who reads the
  inbox at its other masters, too, and PUBLISH does not count them (lock.md, S37).
  Keys   1 record, 1 line, 1 reader set (not used)
  Own arguments  "holder next token lease inbox" (next: the waiter's holder name; lease in ms)
  Answers 'HANDED' | 'RELEASED' | 'ABSENT' as release_all   Cost O(log line) ]]
--- @include "check_token"
--- @include "next_in_line"
--- @include "read_record"
--- @include "wake"
--- @include "write_record"
local function hand_over(own, key, _, now, now_us, retention)
  local holder, next_holder, text, lease, inbox = string.match(own, '^(%S+) (%S+) (%d+) (%d+) (%S+)$')
  local record, line, token, answer = read_record(KEYS[key]), KEYS[key + 1], tonumber(text), 'ABSENT'
  local is_held = record.holder == holder and record.ends > now
  if record.holder == holder and record.ends > 0 then
    record.ends, answer = 0, 'RELEASED'
  end
  local entry = next_holder .. ' exclusive ' .. inbox
  local first = redis.call('ZRANGE', line, 0, 0)[1]
  local seen = math.max(record.token, record.shared_token)
  if is_held and record.shared_ends <= now and (not first or first == entry) and not check_token(token, seen, now_us) then
    redis.call('ZREM', line, entry)
    if redis.call('PUBSUB', 'NUMSUB', inbox)[2] > 0 then
      redis.call('PUBLISH', inbox, next_holder .. ' handed ' .. text .. ' ' .. lease .. next_in_line(line, now_us))
      record.holder, record.ends, record.token = next_holder, now + tonumber(lease), token
      record.turn, record.turn_ends = '-', 0
      record.line_ends = first and now + 3000 or record.line_ends
      answer = 'HANDED'
    end
  end
  if record.line_ends > now and record.ends <= now then
    wake(record, line, now, now_us)
  end
  if answer ~= 'ABSENT' or record.turn_ends > now then
    write_record(KEYS[key], record, now, retention)
  end
  return answer
end
