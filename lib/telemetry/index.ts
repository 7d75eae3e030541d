export { instrument } from './instrument.js';
export { MajorityRedisTelemetryModule } from './telemetry.module.js';

export type {
  InstrumentOptions,
  MajorityRedisTelemetryOptions,
  MajorityRedisTelemetryOptionsFactory,
  TelemetryQueue,
} from './telemetry-options.js';
