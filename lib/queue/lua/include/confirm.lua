--[[ Leases the messages that a client names, or extends its leases on them: home's proposal put to this member's vote.
  A message that is not known here is leased all the same; its record is asked for.
  Promise: two live holders of one message, or of one group, are never granted; tokens of a message only grow; a message
  that is done is not leased (protocols/queue.md, S25 S26). A lease is never shortened.
  Request  "nn F" lease (ms) then runs of messages: ' ' holder ' ' token ' ' attempt ' ' group length ' ' group ' ' count ' '
           and that many ids
  Answer   words, without spaces between them where all are of one letter: G granted, B granted and the record is wanted (both with the attempt where it is higher here), D done,
           L and ms (another holds it or its group), T and token (too low), X dead letter   Cost O(log messages) each ]]
--- @include "become_head"
--- @include "is_done"
--- @include "leave"
--- @include "member_time"
--- @include "read_header"
--- @include "read_state"
--- @include "redrives_of"
--- @include "whole"
--- @include "write_state"
local function held_until(q, id, now)
  local ends = tonumber(redis.call('ZSCORE', q.leased, id) or 0)
  return ends > now and ends or nil
end
local function take_out(q, id, group)
  if redis.call('ZREM', q.leased, id) == 1 or redis.call('ZREM', q.ready, id) == 1 then
    return
  end
  local record = group ~= '' and redis.call('HGET', q.records, id)
  leave(q, id, record and read_header(record) or 0, record and group or '')
end
local function confirm_one(q, now, ms, holder, id, token, attempt, group)
  local seen, tried, kind, known = read_state(redis.call('HGET', q.states, id))
  local is_ours = kind == 'L' and known == holder
  local ends = kind and held_until(q, id, now)
  if not is_ours then
    if is_done(q, id) then
      return 'D'
    elseif kind == 'X' and redrives_of(attempt) <= redrives_of(tried) then
      return 'X'
    elseif ends then
      return 'L' .. whole(ends - now)
    elseif seen >= token then
      return 'T' .. whole(seen)
    end
    tried = tried + 1
  end
  if group ~= '' then
    local head = redis.call('HGET', q.heads, group)
    local head_ends = head and head ~= id and held_until(q, head, now)
    if head_ends then
      return 'L' .. whole(head_ends - now)
    end
  end
  take_out(q, id, group)
  if group ~= '' then
    become_head(q, id, group)
  end
  local counted = math.max(tried, attempt)
  redis.call('HSET', q.states, id, write_state(token, counted, 'L', holder, group))
  -- an extension may be executed late, and its answer be lost
  redis.call('ZADD', q.leased, math.max(now + ms, is_ours and ends or 0), id)
  local word = 'G'
  if redis.call('HEXISTS', q.records, id) == 0 then
    redis.call('ZADD', q.unknown, string.sub(id, 1, 16), id)
    word = 'B'
  end
  return counted > attempt and word .. whole(counted) or word
end
-- what most are: ready here, in no group, never leased; many of them by one command each
local function lease_new(q, ends, ids, states)
  local call, written, leased = redis.call, {}, {}
  for i, id in ipairs(ids) do
    written[2 * i - 1], written[2 * i] = id, states[i]
    leased[2 * i - 1], leased[2 * i] = ends, id
  end
  call('ZREM', q.ready, unpack(ids))
  call('HSET', q.states, unpack(written))
  call('ZADD', q.leased, unpack(leased))
end
local function confirm(request, q)
  local match, sub, last = string.match, string.sub, #request
  local now = member_time()
  local ms, position = match(request, '^(%d+)()', 5)
  local runs, ids = {}, {}
  while position <= last do
    local holder, token, attempt, size, start = match(request, '^ (%S+) (%d+) (%d+) (%d+) ()', position)
    local group = sub(request, start, start + size - 1)
    local count, first = match(request, '^ (%d+) ()', start + size)
    local run = { holder = holder, token = token, attempt = attempt, group = group }
    run.state = group == '' and token .. ' ' .. attempt .. ' L ' .. holder .. ' ' or nil
    position = first + 25 * count
    for at = first, position - 1, 25 do
      ids[#ids + 1] = sub(request, at, at + 24)
      runs[#ids] = run
    end
  end
  local states, ready = redis.call('HMGET', q.states, unpack(ids)), redis.call('ZMSCORE', q.ready, unpack(ids))
  local words, new, new_states = {}, {}, {}
  for i, id in ipairs(ids) do
    local run = runs[i]
    if run.state and ready[i] and not states[i] then
      new[#new + 1] = id
      new_states[#new] = run.state
      words[i] = 'G'
    else
      words[i] = confirm_one(q, now, ms, run.holder, id, tonumber(run.token), tonumber(run.attempt), run.group)
    end
  end
  if #new > 0 then
    lease_new(q, whole(now + ms), new, new_states)
  end
  local letters = table.concat(words)
  return #letters == #words and letters or table.concat(words, ' ')
end
