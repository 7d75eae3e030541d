--[[ Takes a consumer for idle no more, wherever it stood: it has got something otherwise, or ends.
  Request  "nn B" inbox ' ' id ' ' lease      Answer  A   Cost O(log consumers) ]]
local function await_no_more(request, q)
  local who = string.sub(request, 5)
  redis.call('ZREM', q.idle, who, who .. ' -')
  return 'A'
end
