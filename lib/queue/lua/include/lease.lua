--[[ Leases the first messages that are ready, as home: the others are asked for the same ones then (confirm).
  Request  "nn L" holder ' ' token (16) ' ' lease (ms) ' ' count ' ' who: inbox, id and lease (ms) of who is to be woken when there is none, or '-'
  Answer   {runs of messages, record, ...}, some fewer when the records are large; a run: token ' ' attempt ' ' count ' ' and
           that many ids; or, when there is none, {ms until something may change (-1: nothing known) ' ' this member's time (ms)}   Cost O(count * log messages) ]]
--- @include "read_state"
--- @include "write_state"
--- @include "read_header"
--- @include "listen"
--- @include "tick"
--- @include "whole"
-- bytes of records in one answer, about; messages that are looked at before their size is known
local bytes_max = 1000000
local first_look = 16
local function lease_some(q, holder, token, until_ms, ids, runs, answer)
  local call, told = redis.call, #answer
  local records, states = call('HMGET', q.records, unpack(ids)), call('HMGET', q.states, unpack(ids))
  local written, leased, n, bytes = {}, {}, 0, 0
  local first, token_text = write_state(token, 1, 'L', holder, ''), whole(token)
  local run = runs[#runs] or {}
  for i = 1, #ids do
    local id, record, state = ids[i], records[i], states[i]
    local _, group = read_header(record)
    local own, attempt = token_text, '1'
    if state then
      local last, tried = read_state(state)
      own, attempt = whole(math.max(token, last + 1)), whole(tried + 1)
    end
    if run.token ~= own or run.attempt ~= attempt then
      run = { token = own, attempt = attempt, count = 0 }
      runs[#runs + 1] = run
    end
    run.count = run.count + 1
    run[run.count] = id
    written[n + 1] = id
    written[n + 2] = not state and group == '' and first or write_state(own, attempt, 'L', holder, group)
    leased[n + 1], leased[n + 2] = until_ms, id
    n = n + 2
    answer[told + i] = record
    bytes = bytes + #record
  end
  call('HSET', q.states, unpack(written))
  call('ZADD', q.leased, unpack(leased))
  return bytes
end
local function nothing(q, now, who)
  if who ~= '-' then
    listen(q, now, who, false)
  end
  local due
  for _, index in ipairs({ q.leased, q.delayed }) do
    local at = tonumber(redis.call('ZRANGE', index, 0, 0, 'WITHSCORES')[2])
    due = at and math.min(at, due or at) or due
  end
  return { (due and whole(math.max(due - now, 0)) or '-1') .. ' ' .. whole(now) }
end
local function lease(request, q)
  local now = tick(q)
  local holder, token, ms, count, who = string.match(request, '^(%S+) (%d+) (%d+) (%d+) (.+)$', 5)
  local runs, answer, left, size, bytes = {}, { '' }, tonumber(count), first_look, 0
  if who ~= '-' then
    -- it is not idle while it asks, nor when it gets something
    redis.call('ZREM', q.idle, who, who .. ' -')
  end
  while left > 0 and bytes < bytes_max do
    -- without their scores, as ZPOPMIN would tell them, they cost less
    local ids = redis.call('ZRANGE', q.ready, 0, math.min(left, size) - 1)
    if #ids == 0 then
      break
    end
    redis.call('ZREMRANGEBYRANK', q.ready, 0, #ids - 1)
    bytes = bytes + lease_some(q, holder, tonumber(token), whole(now + ms), ids, runs, answer)
    left = left - #ids
    size = math.max(1, math.floor((bytes_max - bytes) / (bytes / (#answer - 1))))
  end
  if #answer == 1 then
    return nothing(q, now, who)
  end
  for i, run in ipairs(runs) do
    runs[i] = run.token .. ' ' .. run.attempt .. ' ' .. run.count .. ' ' .. table.concat(run)
  end
  answer[1] = table.concat(runs)
  return answer
end
