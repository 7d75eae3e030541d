export { MajorityRedisHealthIndicator } from './majority-redis-health.indicator.js';
export { MajorityRedisHealthModule } from './majority-redis-health.module.js';

export type { GroupHealth, MajorityRedisHealthOptions, MemberHealth } from './majority-redis-health.indicator.js';
