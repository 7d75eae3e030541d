import { Logger } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import type { MajorityRedisDashboardExtras } from './dashboard-options.js';
import { messages } from './messages.js';
import type { ResolvedDashboardOptions } from './resolve-dashboard-options.js';

/** Says once, when the application starts, where the dashboard is and what it may do, or why there is none. */
export class MountReporter implements OnModuleInit {
  private readonly logger = new Logger('MajorityRedisDashboard');

  /** @param path absent when the dashboard is not served */
  constructor(
    private readonly path: string | undefined,
    private readonly options: ResolvedDashboardOptions,
    private readonly extras: MajorityRedisDashboardExtras,
  ) {}

  onModuleInit(): void {
    const { actions, values } = this.options;
    if (this.path !== undefined) {
      const rights = [actions ? 'with actions' : 'read-only', ...(values ? ['with values'] : [])].join(', ');
      this.logger.log(messages.mounted(this.path, rights));
    } else if (this.extras.enabled === undefined) this.logger.warn(messages.notMounted);
  }
}
