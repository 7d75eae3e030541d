--[[ Tells what this member knows of queues, for a member that is being brought back.
  Promise: only a member that votes is a source, unless a majority restarted and all are asked (quorum.md, rejoin).
  KEYS[1]  member marker, then the keys of a queue as open_queue names them
  ARGV[1]  run_id   ARGV[2] 'marked' or 'any'   ARGV[3] verb, then its own:
    names                    Returns {name, ...}
    time                     Returns this member's clock (µs)
    facts  put floor (µs)    closes the span below it to new puts; Returns {floor, put floor, done}
    records cursor count     Returns {next cursor, {id, where, ms, lease, state, record}, ...}; only {id} of those that
                             would make the answer large
    contents id...           Returns {{id, where, ms, lease, state, record}, ...}, some fewer when records are large
    states from count        Returns {where to go on, '' at the end, {id, where, ms, lease, state}, ...}: those without a
                             record here
    tombstones from count    Returns {where to go on, '' at the end, id, ...}
    done id...               Returns {those of the ids that are done}
    where and ms as place; lease: ms left of a lease, 0 for none
  or 'REJOIN'   Cost O(count) ]]
--- @include "is_voting"
--- @include "open_queue"
--- @include "is_done"
--- @include "member_time"
--- @include "place_of"
--- @include "whole"
if not is_voting(KEYS[1], ARGV[1]) and ARGV[2] ~= 'any' then
  return 'REJOIN'
end
local q, now = open_queue(2), member_time()
local verbs, bytes, bytes_max = {}, 0, 250000
local function told(id, record)
  local where, ms = place_of(q, id, now)
  if where == 'L' then
    where, ms = 'R', 0
  end
  local lease = math.max(tonumber(redis.call('ZSCORE', q.leased, id) or 0) - now, 0)
  return { id, where, whole(ms), whole(lease), redis.call('HGET', q.states, id) or '', record }
end
local function page(index)
  local ids = redis.call('ZRANGEBYSCORE', index, ARGV[4], '+inf', 'LIMIT', 0, ARGV[5])
  return ids, { #ids == tonumber(ARGV[5]) and string.sub(ids[#ids], 1, 16) or '' }
end
function verbs.names()
  return redis.call('SMEMBERS', q.queues)
end
function verbs.time()
  local _, now_us = member_time()
  return whole(now_us)
end
function verbs.facts()
  local facts = redis.call('HMGET', q.facts, 'floor', 'put_floor', 'done')
  if tonumber(ARGV[4]) > tonumber(facts[2] or 0) then
    redis.call('HSET', q.facts, 'put_floor', ARGV[4])
    facts[2] = ARGV[4]
  end
  return { facts[1] or '0', facts[2] or '0', facts[3] or '0' }
end
function verbs.records()
  local found = redis.call('HSCAN', q.records, ARGV[4], 'COUNT', ARGV[5])
  local answer = { found[1] }
  for i = 1, #found[2], 2 do
    local id, record = found[2][i], found[2][i + 1]
    answer[#answer + 1] = bytes < bytes_max and told(id, record) or { id }
    bytes = bytes + #record
  end
  return answer
end
function verbs.contents()
  local answer = {}
  for i = 4, #ARGV do
    local record = redis.call('HGET', q.records, ARGV[i])
    -- one that is gone meanwhile is told as a tombstone is, or not at all
    if record then
      answer[#answer + 1] = told(ARGV[i], record)
      bytes = bytes + #record
    else
      answer[#answer + 1] = { ARGV[i] }
    end
    if bytes >= bytes_max then
      break
    end
  end
  return answer
end
function verbs.states()
  local ids, answer = page(q.unknown)
  for _, id in ipairs(ids) do
    answer[#answer + 1] = told(id)
  end
  return answer
end
function verbs.tombstones()
  local ids, answer = page(q.seen)
  for _, id in ipairs(ids) do
    if redis.call('HEXISTS', q.records, id) == 0 then
      answer[#answer + 1] = id
    end
  end
  return answer
end
function verbs.done()
  local answer = {}
  for i = 4, #ARGV do
    if is_done(q, ARGV[i]) then
      answer[#answer + 1] = ARGV[i]
    end
  end
  return answer
end
return verbs[ARGV[3]]()
