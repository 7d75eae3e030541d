--[[ Merges what a source knows of a message into this member, which is being brought back. A message only moves forward:
  what is done stays done, the later state counts, token and attempt only grow.
  Promise: a lease is kept to its latest end; one that is reported with different holders becomes nobody's, and so do
  leases of two messages of one group (quorum.md, S08). Of a group the message that is leased longest is the head. A dead
  letter that somebody reports as leased keeps the end of that lease: until then a redrive is refused.
  merge_message(queue, id, told, lease, record): told as adopt wants it; lease: ms, 0 for none; record '' for none
  Cost O(log messages) ]]
--- @include "adopt"
--- @include "become_head"
--- @include "is_done"
--- @include "leave"
--- @include "member_time"
--- @include "read_header"
--- @include "read_state"
--- @include "store_record"
--- @include "write_state"
local function make_nobodys(q, id)
  local token, attempt, kind, _, group = read_state(redis.call('HGET', q.states, id))
  if kind == 'L' then
    redis.call('HSET', q.states, id, write_state(token, attempt, 'L', '-', group))
  end
end
local function lease_until(q, id, priority, group, ends, holder, now)
  local call = redis.call
  local head = group ~= '' and call('HGET', q.heads, group)
  local head_ends = head and head ~= id and tonumber(call('ZSCORE', q.leased, head) or 0) or 0
  if head_ends > now then
    make_nobodys(q, head)
    holder = '-'
  end
  local token, attempt, kind = read_state(call('HGET', q.states, id))
  if kind ~= 'X' then
    leave(q, id, priority, group)
    call('HSET', q.states, id, write_state(token, attempt, 'L', holder, group))
  end
  call('ZADD', q.leased, ends, id)
  if group ~= '' and ends > head_ends then
    become_head(q, id, group)
  end
end
local function merge_message(q, id, told, lease, record)
  if is_done(q, id) then
    return
  end
  local call, now = redis.call, member_time()
  local own_ends = tonumber(call('ZSCORE', q.leased, id) or 0)
  local _, _, own_kind, own_holder, own_group = read_state(call('HGET', q.states, id))
  local _, _, kind, holder, told_group = read_state(told.state)
  local known, stands = call('HGET', q.records, id), true
  if not known and record ~= '' then
    known = record
    local _, is_placed = store_record(q, id, record)
    stands = is_placed
  end
  local priority, group = 0, told_group or own_group or ''
  if known then
    priority, group = read_header(known)
  end
  adopt(q, id, priority, group, told, stands)
  local ends = lease > 0 and now + lease or 0
  local is_held, is_told = own_ends > now, lease > 0
  if is_held or is_told then
    own_holder = own_kind == 'L' and own_holder or '-'
    holder = kind == 'L' and holder or '-'
    if is_held and (not is_told or own_holder ~= holder) then
      holder = is_told and '-' or own_holder
    end
    lease_until(q, id, priority, group, math.max(ends, own_ends), holder, now)
  end
end
