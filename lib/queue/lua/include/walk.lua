--[[ Names live messages, a page at a time, in no order: each that is live all the time comes at least once.
  Request "nn K" cursor ' ' count   Answer {next cursor ('0' at the end), id, ...}   Cost O(count) ]]
local function walk(request, q)
  local cursor, count = string.match(request, '^(%d+) (%d+)$', 5)
  local page = redis.call('HSCAN', q.records, cursor, 'COUNT', count)
  local answer = { page[1] }
  for i = 1, #page[2], 2 do
    answer[#answer + 1] = page[2][i]
  end
  return answer
end
