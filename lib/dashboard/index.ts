export { MajorityRedisDashboardModule } from './dashboard.module.js';

export type {
  MajorityRedisDashboardExtras,
  MajorityRedisDashboardOptions,
  MajorityRedisDashboardOptionsFactory,
} from './dashboard-options.js';
