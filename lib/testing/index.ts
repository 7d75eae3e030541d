export { findRedisServer } from './find-redis-server.js';
export { startLocalGroup } from './local-group.js';
export type { LocalGroup, LocalGroupOptions } from './local-group.js';
export type { LocalServer, LocalServerState, Persistence } from './local-server.js';
