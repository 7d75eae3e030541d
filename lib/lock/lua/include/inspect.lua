--[[ Tells one lock's state on this member. Changes nothing.
  Keys   1 record, 1 line, 1 reader set      No own arguments
  Answers {'STATE', token, waiting, exclusive holder or '', its ms left, shared holder, its ms left, ...}; a lock that
  is restored as nobody's has the holder '-'   Cost O(readers) ]]
--- @include "read_record"
--- @include "whole"
local function inspect(_, key, _, now)
  local record = read_record(KEYS[key])
  local left = math.max(record.ends - now, 0)
  local token = whole(math.max(record.token, record.shared_token))
  local answer = { 'STATE', token, redis.call('ZCARD', KEYS[key + 1]), left > 0 and record.holder or '', left }
  local shared = redis.call('ZRANGE', KEYS[key + 2], 0, -1, 'WITHSCORES')
  for i = 1, #shared, 2 do
    if tonumber(shared[i + 1]) > now then
      answer[#answer + 1] = shared[i]
      answer[#answer + 1] = tonumber(shared[i + 1]) - now
    end
  end
  return answer
end
