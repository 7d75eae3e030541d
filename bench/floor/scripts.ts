/** KEYS[1] key, ARGV[1] value, ARGV[2] ttl (ms). Returns 1 when it was free, else 0. */
export const ACQUIRE_SCRIPT = `
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return 0
`;

/** KEYS[1] key, ARGV[1] value. Returns 1 when the value was there and is deleted, else 0. */
export const RELEASE_SCRIPT = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`;

/** Keys of a queue: bodies (hash by id), ready (list of ids), leased (sorted set by end), last (id). ARGV: bodies. */
export const QUEUE_PUT_SCRIPT = `
local id = redis.call('INCRBY', KEYS[4], #ARGV) - #ARGV
local bodies, ids = {}, {}
for i = 1, #ARGV do
  ids[i] = id + i
  bodies[2 * i - 1], bodies[2 * i] = id + i, ARGV[i]
end
for i = 1, #ids, 1000 do
  redis.call('HSET', KEYS[1], unpack(bodies, 2 * i - 1, math.min(#bodies, 2 * i + 1998)))
  redis.call('RPUSH', KEYS[2], unpack(ids, i, math.min(#ids, i + 999)))
end
redis.call('PUBLISH', string.sub(KEYS[1], 1, -8), '')
return #ARGV
`;

/** Keys as above. ARGV[1] how many, up to 1000. Returns {id, body, ...}. */
export const QUEUE_TAKE_SCRIPT = `
local ids = redis.call('LPOP', KEYS[2], ARGV[1])
if not ids or #ids == 0 then return {} end
local now = redis.call('TIME')
local ends = now[1] * 1000 + 30000
local bodies, leases, answer = redis.call('HMGET', KEYS[1], unpack(ids)), {}, {}
for i, id in ipairs(ids) do
  leases[2 * i - 1], leases[2 * i] = ends, id
  answer[2 * i - 1], answer[2 * i] = id, bodies[i]
end
redis.call('ZADD', KEYS[3], unpack(leases))
return answer
`;

/** Keys as above. ARGV: ids. Returns how many were leased. */
export const QUEUE_ACK_SCRIPT = `
local count = redis.call('ZREM', KEYS[3], unpack(ARGV))
redis.call('HDEL', KEYS[1], unpack(ARGV))
return count
`;
