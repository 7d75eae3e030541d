--[[ Stores messages that are new here. Repeating it changes nothing.
  Promise: none older than the put floor is taken, so what a scan did not list cannot be decided later (protocols/queue.md,
  S24); a message that is done is not put again.
  Request  "nn P" name length ' ' name, then per message: id ' ' delay (ms) ' ' length ' ' record
  Answer   one letter per message: A stored or was there, D done, O too old, C its creation is over a day ahead;
           then ' ' and this member's time (µs), and ' ' and its put floor (µs) where one was too old
  Cost O(log messages) each ]]
--- @include "digits"
--- @include "enter"
--- @include "read_header"
--- @include "member_time"
--- @include "offer"
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
  local ids, delays, records, lowest = {}, {}, {}, nil
  while position <= last do
    local id, delay, length, start = match(request, '^(%S+) (%d+) (%d+) ()', position)
    local i = #ids + 1
    position = start + length
    ids[i], delays[i], records[i] = id, delay, sub(request, start, position - 1)
    lowest = (lowest and lowest < id) and lowest or id
  end
  local facts = call('HMGET', q.facts, 'put_floor', 'floor')
  -- as 16 digits, like the start of an id: compared as text they cost less
  local floor, raised, latest = digits(facts[1] or 0), digits(facts[2] or 0), digits(now_us + 86400000000)
  local seen, states = {}, {}
  -- what is younger than all that is known here, as most is, need not be looked for
  local youngest = call('ZREVRANGE', q.seen, 0, 0)[1]
  if (youngest and lowest <= youngest) or call('ZCARD', q.unknown) > 0 then
    seen, states = call('ZMSCORE', q.seen, unpack(ids)), call('HMGET', q.states, unpack(ids))
  end
  local letters, entered, is_new = {}, 0, {}
  -- what most are, in no group, not delayed and not leased before: all of them by one command each
  local stored, listed, ready = {}, {}, {}
  for i, id in ipairs(ids) do
    local created, letter = sub(id, 1, 16), 'A'
    if is_new[id] then
      letter = 'A'
    elseif (seen[i] or created < raised) and call('HEXISTS', q.records, id) == 1 then
      letter = 'A'
    elseif seen[i] then
      letter = 'D'
    elseif created < floor then
      letter = 'O'
    elseif created > latest then
      letter = 'C'
    else
      local record = records[i]
      is_new[id] = true
      local priority, group = read_header(record)
      if states[i] or group ~= '' or delays[i] + 0 > 0 then
        local was_leased, stands = store_record(q, id, record)
        if delays[i] + 0 > 0 and not was_leased then
          call('ZADD', q.delayed, now + delays[i], id)
        elseif not stands then
          enter(q, id, priority, group)
        end
      else
        local n = #stored
        stored[n + 1], stored[n + 2] = id, record
        listed[n + 1], listed[n + 2] = created, id
        ready[n + 1], ready[n + 2] = priority == 0 and '0' or priority, id
      end
      -- of one that is delayed an idle consumer learns when to look
      entered = entered + 1
    end
    letters[i] = letter
  end
  if #stored > 0 then
    call('HSET', q.records, unpack(stored))
    call('ZADD', q.seen, unpack(listed))
    call('ZADD', q.ready, unpack(ready))
    if entered == 1 and offer(q, stored[1], stored[2]) then
      entered = 0
    end
  end
  wake(q, entered)
  local answer = table.concat(letters)
  local told = answer .. ' ' .. string.format('%.0f', now_us)
  return string.find(answer, 'O', 1, true) and told .. ' ' .. floor or told
end
