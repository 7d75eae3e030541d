--[[ Merges what one source knows of one lock into this member, which is being brought back.
  Promise: nothing is changed once the member votes again or the ticket is gone; tokens only go up; a lease that is
  reported with different holders becomes nobody's ('-') until the latest of their ends (protocols/lock.md, S07 S08 S09).
  KEYS[1]  member marker   KEYS[2] rejoin ticket   KEYS[3] record   KEYS[4] reader set
  ARGV[1]  run_id   ARGV[2] ticket   ARGV[3] fence retention (ms)
  ARGV[4..] as export.lua returned it: holder, ms left, token, shared token, reader, its ms left, ...
  Returns  'RESTORED' | 'REFUSED'   Cost O(readers) ]]
--- @include "is_voting"
--- @include "member_time"
--- @include "read_record"
--- @include "write_record"
--- @include "whole"
if is_voting(KEYS[1], ARGV[1]) or redis.call('GET', KEYS[2]) ~= ARGV[2] then
  return 'REFUSED'
end
local now = member_time()
local fine, record = pcall(read_record, KEYS[3])
local readers = KEYS[4]
local size = redis.pcall('ZCARD', readers)
if not fine or type(size) == 'table' then
  -- what this member itself kept of the lock cannot be read: the sources know all that counts
  redis.call('DEL', KEYS[3], readers)
  record = read_record(KEYS[3])
end
local holder, ends, shared_ends = ARGV[4], now + tonumber(ARGV[5]), 0
for i = 8, #ARGV, 2 do
  shared_ends = math.max(shared_ends, now + tonumber(ARGV[i + 1]))
end
local has_exclusive, has_shared = record.ends > now, record.shared_ends > now
local gets_exclusive, gets_shared = ends > now, shared_ends > now
if (has_exclusive and gets_exclusive and record.holder ~= holder)
  or (has_exclusive and gets_shared) or (has_shared and gets_exclusive) then
  record.holder, record.ends = '-', math.max(record.ends, ends, record.shared_ends, shared_ends)
  record.shared_ends = 0
  redis.call('DEL', readers)
elseif gets_exclusive then
  record.holder, record.ends = holder, math.max(record.ends, ends)
elseif gets_shared then
  for i = 8, #ARGV, 2 do
    local known = tonumber(redis.call('ZSCORE', readers, ARGV[i]) or 0)
    redis.call('ZADD', readers, whole(math.max(known, now + tonumber(ARGV[i + 1]))), ARGV[i])
  end
  record.shared_ends = math.max(record.shared_ends, shared_ends)
  redis.call('PEXPIRE', readers, whole(record.shared_ends - now))
end
record.token = math.max(record.token, tonumber(ARGV[6]))
record.shared_token = math.max(record.shared_token, tonumber(ARGV[7]))
write_record(KEYS[3], record, now, tonumber(ARGV[3]))
return 'RESTORED'
