--[[ Stores messages that are new here. Repeating it changes nothing.
  Promise: none older than the put floor is taken, so what a scan did not list cannot be decided later (protocols/queue.md,
  S24); a message that is done is not put again.
  Request  "nn P" name length ' ' name, then per message: id ' ' delay (ms) ' ' length ' ' record
  Answer   one letter per message: A stored or was there, D done, O too old, C its creation is over a day ahead;
           then ' ' and this member's time (µs), and ' ' and its put floor (µs) where one was too old
  Cost O(log messages) each ]]
--- @include "digits"
--- @include "enter"
--- @include "hand_out"
--- @include "read_header"
--- @include "member_time"
--- @include "store_record"
--- @include "wake"
local function read_messages(request, position)
  local match, sub, last = string.match, string.sub, #request
  local ids, delays, records, count, is_rising, before = {}, {}, {}, 0, true, ''
  while position <= last do
    local id = sub(request, position, position + 24)
    local delay, length, start = match(request, '^ (%d+) (%d+) ()', position + 25)
    position = start + length
    count = count + 1
    ids[count], delays[count], records[count] = id, delay + 0, sub(request, start, position - 1)
    is_rising = is_rising and before < id
    before = id
  end
  return ids, delays, records, is_rising
end
-- the answer to a message that may be known here, or not be new any more; nil when it is new
local function known_as(q, id, is_seen, floor, raised, latest)
  local created = string.sub(id, 1, 16)
  if (is_seen or created < raised) and redis.call('HEXISTS', q.records, id) == 1 then
    return 'A'
  elseif is_seen then
    return 'D'
  elseif created < floor then
    return 'O'
  elseif created > latest then
    return 'C'
  end
  return nil
end
local function put(request, q)
  local call, sub = redis.call, string.sub
  local now, now_us = member_time()
  local size, at = string.match(request, '^(%d+) ()', 5)
  if call('HLEN', q.records) == 0 then
    call('SADD', q.queues, sub(request, at, at + size - 1))
  end
  local ids, delays, records, is_rising = read_messages(request, at + size)
  local facts = call('HMGET', q.facts, 'put_floor', 'floor')
  -- as 16 digits, like the start of an id: compared as text they cost less
  local floor, raised, latest = digits(facts[1] or 0), digits(facts[2] or 0), digits(now_us + 86400000000)
  local first, youngest = ids[1], call('ZREVRANGE', q.seen, 0, 0)[1] or ''
  -- what is younger than all that is known here, as most is, need not be looked for one by one
  local are_new = is_rising and first > youngest and first > floor and first > raised and ids[#ids] < latest
    and call('ZCARD', q.unknown) == 0
  local seen, states, letters = {}, {}, {}
  if not are_new then
    seen, states = call('ZMSCORE', q.seen, unpack(ids)), call('HMGET', q.states, unpack(ids))
  end
  local entered = 0
  -- what most are, in no group, not delayed and not leased before: all of them by one command each
  local stored, listed, ready, n = {}, {}, {}, 0
  for i = 1, #ids do
    local id, record = ids[i], records[i]
    local letter = not are_new and (letters[id] or known_as(q, id, seen[i], floor, raised, latest))
    if not letter then
      if not are_new then letters[id] = 'A' end
      local priority, group = read_header(record)
      if states[i] or group ~= '' or delays[i] > 0 then
        local was_leased, stands = store_record(q, id, record)
        if delays[i] > 0 and not was_leased then
          call('ZADD', q.delayed, now + delays[i], id)
        elseif not stands then
          enter(q, id, priority, group)
        end
      else
        stored[n + 1], stored[n + 2] = id, record
        listed[n + 1], listed[n + 2] = sub(id, 1, 16), id
        ready[n + 1], ready[n + 2] = priority == 0 and '0' or priority, id
        n = n + 2
      end
      -- of one that is delayed an idle consumer learns when to look
      entered = entered + 1
    end
    if not are_new then letters[i] = letter or 'A' end
  end
  if n > 0 then
    call('HSET', q.records, unpack(stored))
    call('ZADD', q.seen, unpack(listed))
    call('ZADD', q.ready, unpack(ready))
    if entered == 1 and hand_out(q, stored[1], stored[2]) then
      entered = 0
    end
  end
  wake(q, entered)
  local words = are_new and string.rep('A', #ids) or table.concat(letters)
  local told = words .. ' ' .. string.format('%.0f', now_us)
  return string.find(words, 'O', 1, true) and told .. ' ' .. floor or told
end
