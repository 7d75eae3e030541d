--[[ The message that another consumer was told of a moment ago and may be asking all members for: who proposes it now as
  well only gets in its way.
  offered_to_another(queue, now, who) returns its id, its score in ready and the time until which it is kept from others
  (ms); nil when there is none that is ready   Cost O(1) ]]
local function offered_to_another(q, now, who)
  local text = redis.call('HGET', q.facts, 'offer')
  if not text then
    return nil
  end
  local ends, id, whom = string.match(text, '^(%S+) (%S+) (.+)$')
  if tonumber(ends) <= now then
    redis.call('HDEL', q.facts, 'offer')
    return nil
  end
  local place = whom ~= who and redis.call('ZSCORE', q.ready, id)
  -- one that has a state was leased since, and came back
  if not place or redis.call('HEXISTS', q.states, id) == 1 then
    return nil
  end
  return id, place, tonumber(ends)
end
