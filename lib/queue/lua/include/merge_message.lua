--[[ Merges what a source knows of a message into this member, which is being brought back. A record only moves forward:
  what is done stays done, the higher token's state counts, a lease is kept to its latest end.
  Promise: a lease that is reported with different holders becomes nobody's until the latest of their ends (quorum.md,
  S08); of a group the message that is leased longest is the head.
  merge_message(queue, id, where, ms, state, record | nil): where and ms as place_of, state and record '' for none
  Cost O(log messages) ]]
--- @include "enter"
--- @include "is_done"
--- @include "leave"
--- @include "member_time"
--- @include "read_header"
--- @include "read_state"
--- @include "write_state"
local function merge_lease(q, id, ends, now, theirs, own)
  local token, attempt, _, holder, group = read_state(theirs)
  local own_token, own_attempt, own_kind, own_holder = read_state(own)
  local own_ends = own_kind == 'L' and tonumber(redis.call('ZSCORE', q.leased, id) or 0) or 0
  if own_ends > now and own_holder ~= holder then
    holder = '-'
  end
  ends = math.max(ends, own_ends)
  local record = redis.call('HGET', q.records, id)
  leave(q, id, record and read_header(record) or 0, group)
  redis.call('ZADD', q.leased, ends, id)
  local text = write_state(math.max(token, own_token), math.max(attempt, own_attempt), 'L', holder, group)
  redis.call('HSET', q.states, id, text)
  if group ~= '' then
    local head = redis.call('HGET', q.heads, group)
    local head_ends = head and head ~= id and tonumber(redis.call('ZSCORE', q.leased, head) or 0) or 0
    if ends > head_ends then
      local ready = head and head ~= id and redis.call('ZREM', q.ready, head) == 1
      redis.call('HSET', q.heads, group, id)
      if ready then
        enter(q, head, read_header(redis.call('HGET', q.records, head)))
      end
    end
  end
end
local function place(q, id, where, ms, now, record)
  local priority, group = read_header(record)
  leave(q, id, priority, group)
  if where == 'X' then
    redis.call('ZADD', q.dead, now - ms, id)
  elseif where == 'Y' then
    redis.call('ZADD', q.delayed, now + ms, id)
  else
    enter(q, id, priority, group)
  end
end
local function merge_message(q, id, where, ms, state, record)
  if is_done(q, id) then
    return
  end
  local now = member_time()
  local own = redis.call('HGET', q.states, id)
  local is_leased = tonumber(redis.call('ZSCORE', q.leased, id) or 0) > now
  local is_new = record ~= '' and redis.call('HSETNX', q.records, id, record) == 1
  if record ~= '' then
    redis.call('ZADD', q.seen, string.sub(id, 1, 16), id)
  end
  if where == 'L' and ms + 0 > 0 then
    merge_lease(q, id, now + ms, now, state, own)
  elseif not is_leased and (is_new or read_state(state ~= '' and state) > read_state(own)) then
    if state ~= '' and read_state(state) > read_state(own) then
      redis.call('HSET', q.states, id, state)
    end
    local known = redis.call('HGET', q.records, id)
    if known then
      place(q, id, where, ms, now, known)
    end
  end
end
