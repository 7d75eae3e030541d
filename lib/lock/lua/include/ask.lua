--[[ Asks home for the turn: given when the lock is free here and nobody comes first, else the asker stands in line.
  The turn is no vote; with it the asker asks all members (acquire with line = 'turn').
  Keys   1 record, 1 line, 1 reader set (not used)
  Own arguments  "holder mode inbox turn": mode 'exclusive' | 'shared'; inbox channel, '-' when the asker does not wait;
    turn (ms)
  Answers {'TURN', highest token} | {'QUEUED', ms until something may change} | {'HELD', ms} (does not wait)
  Cost O(log line) ]]
--- @include "read_record"
--- @include "write_record"
--- @include "wake"
--- @include "whole"
local function ask(own, key, _, now, now_us, retention)
  local holder, mode, inbox, turn_ms = string.match(own, '^(%S+) (%S+) (%S+) (%d+)$')
  local record, line = read_record(KEYS[key]), KEYS[key + 1]
  local is_exclusive = mode == 'exclusive'
  local first = redis.call('ZRANGE', line, 0, 0)[1]
  local joins = record.turn == 'shared' and not is_exclusive and not first
  local is_taken = record.turn ~= '-' and record.turn ~= holder and record.turn_ends > now and not joins
  local is_free = record.ends <= now and (not is_exclusive or record.shared_ends <= now)
  local entry = holder .. ' ' .. mode .. ' ' .. inbox
  local has_turn = record.turn == holder and record.turn_ends > now
  local goes_first = is_free and not is_taken and (has_turn or not first or first == entry)
  if is_free and not is_taken and not goes_first then
    local was_waiting = redis.call('ZSCORE', line, entry)
    local woken = wake(record, line, now, now_us)
    first = redis.call('ZRANGE', line, 0, 0)[1]
    -- all that came before were dead, or it was woken along with them
    goes_first = (woken == 0 and (not first or first == entry))
      or (woken > 0 and was_waiting and not redis.call('ZSCORE', line, entry))
  end
  if goes_first then
    redis.call('ZREM', line, entry)
    record.turn, record.turn_ends = is_exclusive and holder or 'shared', now + tonumber(turn_ms)
    write_record(KEYS[key], record, now, retention)
    return { 'TURN', whole(math.max(record.token, record.shared_token)) }
  end
  local wait = math.max(record.ends, is_exclusive and record.shared_ends or 0, record.turn_ends) - now
  if inbox ~= '-' then
    if not redis.call('ZSCORE', line, entry) then
      redis.call('ZADD', line, whole(now_us), entry)
    end
    redis.call('PEXPIRE', line, 60000)
    record.line_ends = now + 3000
  end
  write_record(KEYS[key], record, now, retention)
  return { inbox == '-' and 'HELD' or 'QUEUED', math.max(wait, 0) }
end
