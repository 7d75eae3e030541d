import { InvalidOptionsError } from '../errors.js';
import { checkBoolean, checkKnown, checkWhole, show } from '../options/checks.js';
import {
  dashboardDefaults,
  type MajorityRedisDashboardExtras,
  type MajorityRedisDashboardOptions,
} from './dashboard-options.js';

/** Options with nothing left open but the groups, which the application knows. */
export interface ResolvedDashboardOptions {
  readonly actions: boolean;
  readonly values: boolean;
  readonly groups: readonly string[] | undefined;
  readonly interval: number;
}

const known: readonly (keyof MajorityRedisDashboardOptions)[] = ['actions', 'values', 'groups', 'interval'];

/** @throws InvalidOptionsError */
export function resolveDashboardOptions(options: MajorityRedisDashboardOptions): ResolvedDashboardOptions {
  checkKnown('options of the dashboard', options, known);
  const { groups, actions = dashboardDefaults.actions, values = dashboardDefaults.values } = options ?? {};
  if (groups !== undefined && !(Array.isArray(groups) && groups.length > 0 && groups.every(isName))) {
    throw new InvalidOptionsError('groups', 'an array of at least one name of a group', show(groups));
  }
  return Object.freeze({
    actions: checkBoolean('actions', actions),
    values: checkBoolean('values', values),
    groups: groups && [...new Set(groups)],
    interval: checkWhole('interval', options?.interval ?? dashboardDefaults.interval, 250, 60_000),
  });
}

function isName(name: unknown): boolean {
  return typeof name === 'string' && name !== '';
}

/** @throws InvalidOptionsError for what is no path of plain segments */
export function checkPath(path: unknown): string {
  if (typeof path !== 'string' || !/^\/?(?:[\w.~-]+\/)*[\w.~-]+\/?$/.test(path)) {
    throw new InvalidOptionsError('path', "a path of letters, digits, '.', '_', '~', '-' and '/'", show(path));
  }
  return path.replace(/^\/|\/$/g, '');
}

/** Whether the dashboard is served at all: without a guard only where programs are developed. */
export function isMounted({ enabled, guard }: MajorityRedisDashboardExtras, nodeEnv: string | undefined): boolean {
  if (enabled !== undefined) return checkBoolean('enabled', enabled);
  return guard !== undefined || ['', 'development', 'test'].includes(nodeEnv ?? '');
}
