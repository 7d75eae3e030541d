--[[ Makes dead letters ready again, with all their attempts before them. What is not known here to be dead notes the
  redrive: a dead letter from before it does not count any more.
  Request  "nn V" then per message: id ' ' attempt: as a state has it right after this redrive ' '
  Answer   one letter per message: A redriven, now or before, L leased still, N not known here, D done
  Cost O(log messages) each ]]
--- @include "enter"
--- @include "is_done"
--- @include "member_time"
--- @include "read_header"
--- @include "read_state"
--- @include "redrives_of"
--- @include "wake"
--- @include "write_state"
local function redrive(request, q)
  local letters, entered = {}, 0
  local now = member_time()
  for id, attempt in string.gmatch(string.sub(request, 5), '(%S+) (%d+)') do
    local token, tried, kind, _, group = read_state(redis.call('HGET', q.states, id))
    local record = redis.call('HGET', q.records, id)
    local letter = 'A'
    if is_done(q, id) then
      letter = 'D'
    elseif not kind then
      letter = 'N'
    elseif tonumber(redis.call('ZSCORE', q.leased, id) or 0) > now then
      letter = 'L'
    elseif redrives_of(tried) < redrives_of(attempt) then
      redis.call('HSET', q.states, id, write_state(token, attempt, 'N', '-', group))
      if redis.call('ZREM', q.dead, id) == 1 and record then
        redis.call('ZREM', q.leased, id)
        enter(q, id, read_header(record))
        entered = entered + 1
      end
    end
    letters[#letters + 1] = letter
  end
  wake(q, entered)
  return table.concat(letters)
end
