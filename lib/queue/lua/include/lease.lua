--[[ Leases the first messages that are ready, as home: the others are asked for the same ones then (confirm).
  Request  "nn L" holder ' ' token (16) ' ' lease (ms) ' ' count ' ' who: inbox and id to wake when there is none, or '-'
  Answer   {id, token, attempt, record, ...}; or, when there is none, {ms until something may change (-1: nothing known)}
  Cost O(count * log messages) ]]
--- @include "read_state"
--- @include "write_state"
--- @include "read_header"
--- @include "tick"
--- @include "whole"
local listen_ms = 60000
local function lease(request, q)
  local call = redis.call
  local now = tick(q)
  local holder, token, ms, count, who = string.match(request, '^(%S+) (%d+) (%d+) (%d+) (.+)$', 5)
  token = tonumber(token)
  local popped = call('ZPOPMIN', q.ready, count)
  if #popped == 0 then
    if who ~= '-' then
      call('ZADD', q.idle, now + listen_ms, who)
      call('PEXPIRE', q.idle, listen_ms)
    end
    local due
    for _, index in ipairs({ q.leased, q.delayed }) do
      local at = tonumber(call('ZRANGE', index, 0, 0, 'WITHSCORES')[2])
      due = at and math.min(at, due or at) or due
    end
    return { due and whole(math.max(due - now, 0)) or '-1' }
  end
  local ids = {}
  for i = 1, #popped, 2 do
    ids[#ids + 1] = popped[i]
  end
  local records, states = call('HMGET', q.records, unpack(ids)), call('HMGET', q.states, unpack(ids))
  local answer, written, leased = {}, {}, {}
  for i, id in ipairs(ids) do
    local record = records[i]
    if record then
      local last, attempt = read_state(states[i])
      local _, group = read_header(record)
      local own = math.max(token, last + 1)
      written[#written + 1] = id
      written[#written + 1] = write_state(own, attempt + 1, 'L', holder, group)
      leased[#leased + 1] = now + ms
      leased[#leased + 1] = id
      answer[#answer + 1] = id
      answer[#answer + 1] = whole(own)
      answer[#answer + 1] = whole(attempt + 1)
      answer[#answer + 1] = record
    end
  end
  if #written == 0 then
    return { '0' }
  end
  call('HSET', q.states, unpack(written))
  call('ZADD', q.leased, unpack(leased))
  return answer
end
