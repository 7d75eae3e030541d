export { connectInMemory } from './connect-in-memory.js';
export { MajorityRedisTestingModule, withInMemoryGroups } from './majority-redis-testing.module.js';
export { MemoryGroup } from './memory-group.js';
export { MemoryMember } from './memory-member.js';

export type { InMemoryOptions } from './connect-in-memory.js';
export type { MajorityRedisTestingModuleOptions, OverridableBuilder } from './majority-redis-testing.module.js';
