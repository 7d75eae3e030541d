import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { createControllers } from './create-controllers.js';
import {
  dashboardDefaults,
  type MajorityRedisDashboardExtras,
  type MajorityRedisDashboardOptions,
} from './dashboard-options.js';
import { GroupFeeds } from './group-feeds.js';
import { MountReporter } from './mount-reporter.js';
import { checkPath, isMounted, resolveDashboardOptions } from './resolve-dashboard-options.js';
import { dashboardOptions } from './tokens.js';

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<MajorityRedisDashboardOptions>({ moduleName: 'MajorityRedisDashboard' })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createMajorityRedisDashboardOptions')
    .setExtras<MajorityRedisDashboardExtras>(
      { path: dashboardDefaults.path, guard: undefined, enabled: undefined, imports: [] },
      withRoutes,
    )
    .build();

function withRoutes(definition: DynamicModule, extras: MajorityRedisDashboardExtras): DynamicModule {
  const path = checkPath(extras.path);
  const isServed = isMounted(extras, process.env['NODE_ENV']);
  const imports = [...(definition.imports ?? []), ...(extras.imports ?? [])];
  const providers = [
    ...(definition.providers ?? []),
    { provide: dashboardOptions, useFactory: resolveDashboardOptions, inject: [MODULE_OPTIONS_TOKEN] },
    {
      provide: MountReporter,
      useFactory: (options: ReturnType<typeof resolveDashboardOptions>) =>
        new MountReporter(isServed ? path : undefined, options, extras),
      inject: [dashboardOptions],
    },
  ];
  if (!isServed) return { ...definition, imports, providers };
  return {
    ...definition,
    imports,
    providers: [...providers, GroupFeeds],
    controllers: createControllers(path, extras.guard),
  };
}
