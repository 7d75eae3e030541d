--[[ Stores messages that are new here. Repeating it changes nothing.
  Promise: none older than the put floor is taken, so what a scan did not list cannot be decided later (protocols/queue.md,
  S24); a message that is done is not put again.
  Request  "nn P" name length ' ' name, then per message: id ' ' delay (ms) ' ' length ' ' record
  Answer   one letter per message: A stored or was there, D done, O too old, C its creation is over a day ahead;
           then ' ' and this member's time (µs)   Cost O(log messages) each ]]
--- @include "creation"
--- @include "enter"
--- @include "read_header"
--- @include "member_time"
--- @include "store_record"
--- @include "wake"
local function put(request, q)
  local call, match, sub = redis.call, string.match, string.sub
  local now, now_us = member_time()
  local size, at = match(request, '^(%d+) ()', 5)
  local position, last = at + size, #request
  if call('HLEN', q.records) == 0 then
    call('SADD', q.queues, sub(request, at, at + size - 1))
  end
  local floor = tonumber(call('HGET', q.facts, 'put_floor') or 0)
  local letters, entered = {}, 0
  while position <= last do
    local id, delay, length, start = match(request, '^(%S+) (%d+) (%d+) ()', position)
    position = start + length
    local created, letter = creation(id), 'A'
    if call('HEXISTS', q.records, id) == 1 then
      letter = 'A'
    elseif call('ZSCORE', q.seen, id) then
      letter = 'D'
    elseif created < floor then
      letter = 'O'
    elseif created > now_us + 86400000000 then
      letter = 'C'
    else
      local record = sub(request, start, position - 1)
      local was_leased, stands = store_record(q, id, record)
      if delay + 0 > 0 and not was_leased then
        call('ZADD', q.delayed, now + delay, id)
      elseif not stands then
        enter(q, id, read_header(record))
      end
      -- of one that is delayed an idle consumer learns when to look
      entered = entered + 1
    end
    letters[#letters + 1] = letter
  end
  wake(q, entered)
  return table.concat(letters) .. ' ' .. string.format('%.0f', now_us)
end
