--[[ Merges what sources know of a queue into this member, which is being brought back.
  Promise: nothing is changed once the member votes again or the ticket is gone (quorum.md, S09); what is done stays done,
  and floors only rise (queue.md, S25 S28).
  KEYS[1]  member marker   KEYS[2] rejoin ticket, then the keys of a queue as open_queue names them
  ARGV[1]  run_id   ARGV[2] ticket   ARGV[3] verb, then its own:
    facts name floor put-floor done   messages {id, where, ms, lease, state, record}..., as export tells them; record ''
    for none   done id...             walk cursor count: names own messages
  Returns  'MERGED' | {next cursor, id, ...} for walk | 'REFUSED'   Cost O(messages * log messages) ]]
--- @include "is_voting"
--- @include "open_queue"
--- @include "finish"
--- @include "merge_message"
--- @include "walk"
if is_voting(KEYS[1], ARGV[1]) or redis.call('GET', KEYS[2]) ~= ARGV[2] then
  return 'REFUSED'
end
local q = open_queue(3)
local verbs = {}
function verbs.facts()
  redis.call('SADD', q.queues, ARGV[4])
  for i, fact in ipairs({ 'floor', 'put_floor', 'done' }) do
    if tonumber(ARGV[4 + i]) > tonumber(redis.call('HGET', q.facts, fact) or 0) then
      redis.call('HSET', q.facts, fact, ARGV[4 + i])
    end
  end
  -- tombstones came from below the floor, too
  redis.call('HDEL', q.facts, 'swept')
  return 'MERGED'
end
function verbs.messages()
  for i = 4, #ARGV, 6 do
    local told = { where = ARGV[i + 1], ms = ARGV[i + 2], state = ARGV[i + 4] }
    merge_message(q, ARGV[i], told, tonumber(ARGV[i + 3]), ARGV[i + 5])
  end
  return 'MERGED'
end
function verbs.done()
  for i = 4, #ARGV do
    finish(q, ARGV[i])
  end
  return 'MERGED'
end
function verbs.walk()
  return walk('01 K' .. ARGV[4] .. ' ' .. ARGV[5], q)
end
return verbs[ARGV[3]]()
