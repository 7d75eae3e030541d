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
