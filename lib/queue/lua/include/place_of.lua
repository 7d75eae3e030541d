--[[ Where a live message stands on this member.
  place_of(queue, id, now) returns R ready or in line, Y delayed, L leased, X dead letter; and ms: until it is due, until
  its lease ends, since it died; 0 for R   Cost O(1) ]]
local function place_of(q, id, now)
  local died = redis.call('ZSCORE', q.dead, id)
  if died then
    return 'X', math.max(now - died, 0)
  end
  local ends = redis.call('ZSCORE', q.leased, id)
  if ends then
    return 'L', math.max(ends - now, 0)
  end
  local due = redis.call('ZSCORE', q.delayed, id)
  if due then
    return 'Y', math.max(due - now, 0)
  end
  return 'R', 0
end
