--[[ Counts what a queue holds on this member.
  Request "nn S"   Answer {ready, delayed, leased, dead, done}, texts; done since the queue was first used
  Cost O(log messages) ]]
--- @include "member_time"
--- @include "whole"
local function size(_, q)
  local now = member_time()
  local leased, delayed = redis.call('ZCARD', q.leased), redis.call('ZCARD', q.delayed)
  local ended = redis.call('ZCOUNT', q.leased, '-inf', now)
  local due = redis.call('ZCOUNT', q.delayed, '-inf', now)
  local ready = redis.call('ZCARD', q.ready) + redis.call('ZCARD', q.waiting) + ended + due
  local dead = redis.call('ZCARD', q.dead)
  local done = redis.call('HGET', q.facts, 'done') or '0'
  return { whole(ready), whole(delayed - due), whole(leased - ended), whole(dead), done }
end
