import type { MajorityRedisOptions } from '../connect.js';

/** What `forRoot()` takes and the factories of `forRootAsync()` return. */
export type MajorityRedisModuleOptions = Omit<MajorityRedisOptions, 'name'>;

/** What stands beside them in `forRoot()` and `forRootAsync()`, as it decides about tokens and visibility. */
export interface MajorityRedisModuleExtras {
  /** Name of the group in tokens, logs and events. @default 'default' */
  name?: string;
  /** Makes the group's services visible in all modules. @default false */
  isGlobal?: boolean;
}

/** The interface of a class given as `useClass` or `useExisting`. */
export interface MajorityRedisOptionsFactory {
  /** Called once, when the module is set up. */
  createMajorityRedisOptions(): MajorityRedisModuleOptions | Promise<MajorityRedisModuleOptions>;
}
