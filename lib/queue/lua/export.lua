--[[ Tells what this member knows of queues, for a member that is being brought back.
  Promise: only a member that votes is a source, unless a majority restarted and all are asked (quorum.md, rejoin).
  KEYS[1]  member marker, then the keys of a queue as open_queue names them
  ARGV[1]  run_id or '*'   ARGV[2] 'marked' or 'any'   ARGV[3] verb, then its own:
    names                    Returns {name, ...}
    time                     Returns this member's clock (µs)
    facts  put floor (µs)    closes the span below it to new puts; Returns {floor, put floor, done}
    records cursor count     Returns {next cursor, {id, where, ms, state, record}, ...}, see place_of
    states cursor count      Returns {next cursor, {id, where, ms, state}, ...}: those without a record here
    tombstones from count    Returns {where to go on, '' at the end, id, ...}
    done id...               Returns {those of the ids that are done}
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
local verbs = {}
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
local function page(index, with_records)
  local found = redis.call('HSCAN', index, ARGV[4], 'COUNT', ARGV[5])
  local answer = { found[1] }
  for i = 1, #found[2], 2 do
    local id = found[2][i]
    local where, ms = place_of(q, id, now)
    if with_records then
      answer[#answer + 1] = { id, where, whole(ms), redis.call('HGET', q.states, id) or '', found[2][i + 1] }
    elseif redis.call('HEXISTS', q.records, id) == 0 then
      answer[#answer + 1] = { id, where, whole(ms), found[2][i + 1] }
    end
  end
  return answer
end
function verbs.records()
  return page(q.records, true)
end
function verbs.states()
  return page(q.states, false)
end
function verbs.tombstones()
  local ids = redis.call('ZRANGEBYSCORE', q.seen, ARGV[4], '+inf', 'LIMIT', 0, ARGV[5])
  local answer = { #ids == tonumber(ARGV[5]) and string.sub(ids[#ids], 1, 16) or '' }
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
