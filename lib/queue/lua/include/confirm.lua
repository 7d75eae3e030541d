--[[ Leases the messages that a client names, or extends its leases on them: home's proposal put to this member's vote.
  A message that is not known here is leased all the same; its record is asked for.
  Promise: two live holders of one message, or of one group, are never granted; tokens of a message only grow; a message
  that is done is not leased (protocols/queue.md, S25 S26); nor is one that waits for its next attempt (S41). A lease is
  never shortened.
  Request  "nn F" lease (ms) then runs of messages: ' ' holder ' ' token ' ' attempt ' ' group length ' ' group ' ' count ' '
           and that many ids
  Answer   words, without spaces between them where all are of one letter: G granted, B granted and the record is wanted (both with the attempt where it is higher here), D done,
           L and ms (another holds it or its group), W and ms (it waits for its next attempt), T and token (too low), X dead letter   Cost O(log messages) each ]]
--- @include "become_head"
--- @include "is_done"
--- @include "leave"
--- @include "member_time"
--- @include "read_header"
--- @include "read_state"
--- @include "redrives_of"
--- @include "whole"
--- @include "write_state"
local function still_until(index, id, now)
  local ends = tonumber(redis.call('ZSCORE', index, id) or 0)
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
  local ends = kind and still_until(q.leased, id, now)
  local due = kind == 'W' and still_until(q.delayed, id, now)
  if not is_ours then
    if is_done(q, id) then
      return 'D'
    elseif kind == 'X' and redrives_of(attempt) <= redrives_of(tried) then
      return 'X'
    elseif ends then
      return 'L' .. whole(ends - now)
    elseif due then
      return 'W' .. whole(due - now)
    elseif seen >= token then
      return 'T' .. whole(seen)
    end
    tried = tried + 1
  end
  if group ~= '' then
    local head = redis.call('HGET', q.heads, group)
    local head_ends = head and head ~= id and still_until(q.leased, head, now)
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
-- leases messages of no group that were never leased, if all of them are ready here: by few commands for all of them
-- returns whether it did; otherwise those that are ready only left that place, from which each is taken anyhow
local function lease_new(q, ends, ids, states)
  local call, written, leased, n, count = redis.call, {}, {}, 0, #ids
  if count == 0 or call('ZREM', q.ready, unpack(ids)) < count then
    return false
  end
  for i = 1, count do
    written[n + 1], written[n + 2] = ids[i], states[i]
    leased[n + 1], leased[n + 2] = ends, ids[i]
    n = n + 2
  end
  call('HSET', q.states, unpack(written))
  call('ZADD', q.leased, unpack(leased))
  return true
end
local function confirm(request, q)
  local match, sub, last = string.match, string.sub, #request
  local now = member_time()
  local ms, position = match(request, '^(%d+)()', 5)
  local runs, ids, count = {}, {}, 0
  while position <= last do
    local holder, token, attempt, size, start = match(request, '^ (%S+) (%d+) (%d+) (%d+) ()', position)
    local group = sub(request, start, start + size - 1)
    local messages, first = match(request, '^ (%d+) ()', start + size)
    local run = { holder = holder, token = tonumber(token), attempt = tonumber(attempt), group = group }
    run.state = group == '' and token .. ' ' .. attempt .. ' L ' .. holder .. ' '
    position = first + 25 * messages
    for at = first, position - 1, 25 do
      count = count + 1
      ids[count], runs[count] = sub(request, at, at + 24), run
    end
  end
  local states = redis.call('HMGET', q.states, unpack(ids))
  local new, new_states, n = {}, {}, 0
  for i = 1, count do
    local state = not states[i] and runs[i].state
    if state then
      n = n + 1
      new[n], new_states[n] = ids[i], state
    end
  end
  local are_leased = lease_new(q, whole(now + ms), new, new_states)
  if are_leased and n == count then
    return string.rep('G', count)
  end
  local words = {}
  for i = 1, count do
    local run = runs[i]
    local is_leased = are_leased and not states[i] and run.state
    words[i] = is_leased and 'G' or confirm_one(q, now, ms, run.holder, ids[i], run.token, run.attempt, run.group)
  end
  local letters = table.concat(words)
  return #letters == count and letters or table.concat(words, ' ')
end
