--[[ Tells what this member knows of n locks, for a member that is being brought back. Changes nothing.
  Promise: only a member that votes is a source, unless a majority restarted and all are asked (quorum.md, rejoin).
  KEYS[1]  member marker, then n records, then n reader sets
  ARGV[1]  run_id   ARGV[2] 'marked' or 'any'   ARGV[3] n   ARGV[4] longest lease (ms)
  Returns  'REJOIN' | for each lock {holder, ms left, token, shared token, reader, its ms left, ...};
           a record that cannot be read is told as nobody's for the longest lease   Cost O(locks) ]]
--- @include "is_voting"
--- @include "member_time"
--- @include "read_record"
--- @include "whole"
if not is_voting(KEYS[1], ARGV[1]) and ARGV[2] ~= 'any' then
  return 'REJOIN'
end
local now = member_time()
local count = tonumber(ARGV[3])
local function export(record_key, readers_key)
  local record = read_record(record_key)
  local left = math.max(record.ends - now, 0)
  local answer = { record.holder, whole(left), whole(record.token), whole(record.shared_token) }
  local shared = redis.call('ZRANGE', readers_key, 0, -1, 'WITHSCORES')
  for s = 1, #shared, 2 do
    local reader_left = tonumber(shared[s + 1]) - now
    if reader_left > 0 then
      answer[#answer + 1] = shared[s]
      answer[#answer + 1] = whole(reader_left)
    end
  end
  return answer
end
local answers = {}
for i = 1, count do
  local fine, answer = pcall(export, KEYS[1 + i], KEYS[1 + count + i])
  answers[i] = fine and answer or { '-', ARGV[4], '0', '0' }
end
return answers
