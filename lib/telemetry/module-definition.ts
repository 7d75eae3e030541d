import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { MajorityRedisTelemetryOptions } from './telemetry-options.js';

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<MajorityRedisTelemetryOptions>({ moduleName: 'MajorityRedisTelemetry' })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createMajorityRedisTelemetryOptions')
    .build();
