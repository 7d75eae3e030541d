--[[ Tries each command that our scripts use, on a scratch key, so that a server or an ACL that lacks one is named at
  start and not in the middle of an operation.
  KEYS[1]  member marker      KEYS[2]  scratch key      ARGV[1] run_id   ARGV[2] scratch channel
  Returns  {'READY'} | {'MISSING', text of the first refusal, ...}   Cost O(1) ]]
local tries = {
  { 'INFO', 'server' }, { 'TIME' }, { 'GET', KEYS[1] }, { 'MGET', KEYS[1] }, { 'PUBLISH', ARGV[2], '' }, { 'PUBSUB', 'NUMSUB', ARGV[2] }, { 'SCAN', '0' },
  { 'DEL', KEYS[2] }, { 'SET', KEYS[2], '1', 'PX', '1000' }, { 'SETRANGE', KEYS[2], '0', '1' },
  { 'GETRANGE', KEYS[2], '0', '1' }, { 'EXISTS', KEYS[2] }, { 'DEL', KEYS[2] },
  { 'ZADD', KEYS[2], '1', 'm' }, { 'PEXPIRE', KEYS[2], '1000' }, { 'PTTL', KEYS[2] }, { 'ZSCORE', KEYS[2], 'm' }, { 'ZMSCORE', KEYS[2], 'm' },
  { 'ZCARD', KEYS[2] }, { 'ZRANGE', KEYS[2], '0', '0' }, { 'ZREVRANGE', KEYS[2], '0', '0' },
  { 'ZRANGEBYSCORE', KEYS[2], '0', '1' }, { 'ZRANGEBYLEX', KEYS[2], '-', '+' }, { 'ZCOUNT', KEYS[2], '0', '1' },
  { 'ZREMRANGEBYSCORE', KEYS[2], '-inf', '0' }, { 'ZREMRANGEBYRANK', KEYS[2], '1', '1' }, { 'ZREM', KEYS[2], 'm' },
  { 'ZPOPMIN', KEYS[2] }, { 'DEL', KEYS[2] }, { 'SADD', KEYS[2], 'm' }, { 'SMEMBERS', KEYS[2] }, { 'DEL', KEYS[2] },
  { 'HSET', KEYS[2], 'f', '1' }, { 'HSETNX', KEYS[2], 'f', '1' }, { 'HINCRBY', KEYS[2], 'f', '1' }, { 'HGET', KEYS[2], 'f' },
  { 'HMGET', KEYS[2], 'f' }, { 'HEXISTS', KEYS[2], 'f' }, { 'HLEN', KEYS[2] }, { 'HSCAN', KEYS[2], '0' },
  { 'HDEL', KEYS[2], 'f' }, { 'DEL', KEYS[2] },
}
local missing = {}
for _, command in ipairs(tries) do
  local answer = redis.pcall(unpack(command))
  if type(answer) == 'table' and answer.err then
    missing[#missing + 1] = command[1] .. ': ' .. answer.err
  end
end
if #missing > 0 then
  return { 'MISSING', unpack(missing) }
end
return { 'READY' }
