--[[ Gives the turn of a lock that is free to the first waiter in line and wakes it through its inbox; a first shared
  waiter takes the shared ones right behind it along. An exclusive one is told who stands behind it. A waiter whose inbox nobody reads (its process died) is dropped.
  The turn is no vote: it only says who asks the members next, and lapses. While one is out, no second one is
  given; the first of several that have a shared turn ends it by taking the lock.
  Changes the record in place; the caller writes it.
  wake(record, line, own time in ms, and in µs) returns how many were woken   Cost O(woken log line) ]]
--- @include "next_in_line"
--- @include "whole"
local function wake(record, line, now, now_us)
  local turn_ms, line_ms, woken = 500, 3000, 0
  if record.turn ~= '-' and record.turn_ends > now then
    return 0
  end
  local seen = whole(math.max(record.token, record.shared_token))
  while true do
    local first = redis.call('ZRANGE', line, 0, 0)[1]
    if not first then
      return woken
    end
    local holder, mode, inbox = string.match(first, '^(%S+) (%S+) (%S+)$')
    local is_exclusive = mode == 'exclusive'
    if is_exclusive and (woken > 0 or record.shared_ends > now) then
      return woken
    end
    redis.call('ZREM', line, first)
    local behind = is_exclusive and next_in_line(line, now_us) or ''
    if redis.call('PUBLISH', inbox, holder .. ' turn ' .. seen .. behind) > 0 then
      woken = woken + 1
      record.turn, record.turn_ends = is_exclusive and holder or 'shared', now + turn_ms
      record.line_ends = now + line_ms
      if is_exclusive then
        return woken
      end
    end
  end
end
