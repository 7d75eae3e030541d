--[[ Takes over what another member told of a message where that is later than what this one knows: a later redrive; a
  dead letter; a higher token. Token and attempt only grow. What is leased here is left to the caller.
  adopt(queue, id, priority, group, told, stands): told {where, ms, state}, see place and read_state ('' for none);
  stands: false when it stands nowhere yet
  returns number of messages that became ready   Cost O(log messages) ]]
--- @include "creation"
--- @include "leave"
--- @include "pass_on"
--- @include "place"
--- @include "read_state"
--- @include "redrives_of"
--- @include "write_state"
local function adopt(q, id, priority, group, told, stands)
  local call = redis.call
  local token, attempt, kind, holder, _, reason = read_state(told.state)
  local own_token, own_attempt, own_kind, own_holder, _, own_reason = read_state(call('HGET', q.states, id))
  local ahead = redrives_of(attempt) - redrives_of(own_attempt)
  local is_later = kind and (ahead > 0 or (ahead == 0 and own_kind ~= 'X' and (kind == 'X' or token > own_token)))
  local is_known = call('HEXISTS', q.records, id) == 1
  if kind then
    if not is_later then
      kind, holder, reason = own_kind or 'N', own_holder or '-', own_reason
    end
    token, attempt = math.max(token, own_token), math.max(attempt, own_attempt)
    call('HSET', q.states, id, write_state(token, attempt, kind, holder, group, reason))
    if not is_known then
      call('ZADD', q.unknown, string.sub(id, 1, 16), id)
    end
  end
  if stands and not is_later then
    return 0
  end
  leave(q, id, priority, group)
  if is_known or told.where == 'X' then
    place(q, id, priority, group, told.where, told.ms, kind)
  end
  if is_known and told.where ~= 'X' then
    return 1
  end
  return pass_on(q, id, group)
end
