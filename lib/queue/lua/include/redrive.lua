--[[ Makes dead letters ready again, with all their attempts before them.
  Request  "nn V" token (16) then per message: ' ' id
  Answer   one letter per message: A ready again, N no dead letter here, D done   Cost O(log messages) each ]]
--- @include "enter"
--- @include "is_done"
--- @include "read_header"
--- @include "read_state"
--- @include "wake"
--- @include "write_state"
local function redrive(request, q)
  local letters, entered = {}, 0
  local token = tonumber(string.sub(request, 5, 20))
  for id in string.gmatch(string.sub(request, 21), '%S+') do
    local last, _, kind, _, group = read_state(redis.call('HGET', q.states, id))
    local record = redis.call('HGET', q.records, id)
    local letter = is_done(q, id) and 'D' or 'N'
    if kind == 'X' and record then
      redis.call('ZREM', q.dead, id)
      redis.call('HSET', q.states, id, write_state(math.max(token, last + 1), 0, 'N', '-', group))
      enter(q, id, read_header(record))
      entered, letter = entered + 1, 'A'
    end
    letters[#letters + 1] = letter
  end
  wake(q, entered)
  return table.concat(letters)
end
