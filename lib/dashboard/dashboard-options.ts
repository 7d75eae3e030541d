import type { CanActivate, ModuleMetadata, Type } from '@nestjs/common';

/** What `forRoot()` takes, and the factories of `forRootAsync()` return. */
export interface MajorityRedisDashboardOptions {
  /**
   * Whether the page may change things: pause and resume queues, redrive and remove dead letters, delete keys.
   *
   * @default false
   */
  actions?: boolean;
  /**
   * Whether values of the key-value store and bodies of dead letters are shown: they may hold what not everybody who
   * watches the group should see. Without, they do not leave the application.
   *
   * @default false
   */
  values?: boolean;
  /** Names of the groups to show. @default all groups of the application */
  groups?: readonly string[];
  /** ms between two looks at the members while somebody watches, 250 to 60000. @default 1000 */
  interval?: number;
}

/** What stands beside them in `forRoot()` and `forRootAsync()`, as routes depend on it. */
export interface MajorityRedisDashboardExtras {
  /** Where the page is served. @default '/majority' */
  path?: string;
  /** Who may see the page, its data and its actions: a guard class, made by Nest in the dashboard's module, or a guard. */
  guard?: Type<CanActivate> | CanActivate;
  /**
   * Whether there is a dashboard at all.
   *
   * @default true with a guard; otherwise only when NODE_ENV is `development`, `test` or not set
   */
  enabled?: boolean;
  /** Modules that export what the guard needs. */
  imports?: ModuleMetadata['imports'];
}

/** The interface of a class given as `useClass` or `useExisting`. */
export interface MajorityRedisDashboardOptionsFactory {
  /** Called once, when the module is set up. */
  createMajorityRedisDashboardOptions(): MajorityRedisDashboardOptions | Promise<MajorityRedisDashboardOptions>;
}

/** The only place where the defaults stand. */
export const dashboardDefaults = { path: '/majority', actions: false, values: false, interval: 1000 } as const;
