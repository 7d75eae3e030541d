import { InvalidOptionsError } from '../errors.js';
import { checkKnown, checkOneOf, checkWhole, show, showKind } from '../options/checks.js';
import type { GroupOptions } from './group-options.js';
import { quorumOf } from './tally.js';

/** Defaults of a group; the only place they stand. */
export const groupDefaults = {
  name: 'default',
  keyPrefix: 'majority',
  partitions: 1,
  requestTimeout: 500,
  maxOperationTime: 2000,
  connectTimeout: 10_000,
  maxInFlight: 10_000,
  onMajorityRestart: 'merge',
} as const satisfies Partial<GroupOptions>;

/** Group options with nothing left open. */
export type ResolvedGroupOptions = Readonly<Required<GroupOptions>>;

const groupSizeMax = 99;
const partitionsMax = 256;
const known: readonly (keyof GroupOptions)[] = [
  'nodes',
  'name',
  'groupSize',
  'keyPrefix',
  'partitions',
  'requestTimeout',
  'maxOperationTime',
  'connectTimeout',
  'maxInFlight',
  'onMajorityRestart',
];

/** @param alsoKnown options of other parts that stand in the same object; @throws InvalidOptionsError */
export function resolveGroupOptions(options: GroupOptions, alsoKnown: readonly string[] = []): ResolvedGroupOptions {
  checkKnown('options', options ?? null, [...known, ...alsoKnown]);
  const { nodes } = options;
  if (!Array.isArray(nodes) || nodes.length === 0) {
    throw new InvalidOptionsError('nodes', 'an array of at least one node', showKind(nodes));
  }
  const given = { ...groupDefaults, groupSize: nodes.length, ...defined(options) };
  const groupSize = checkWhole('groupSize', given.groupSize, 1, groupSizeMax, '');
  if (nodes.length > groupSize || nodes.length < quorumOf(groupSize)) {
    throw new InvalidOptionsError(
      'nodes',
      `${quorumOf(groupSize)} to ${groupSize} nodes for a groupSize of ${groupSize}`,
      `${nodes.length}`,
    );
  }
  const maxOperationTime = checkWhole('maxOperationTime', given.maxOperationTime, 100, 60_000);
  const requestTimeout =
    options.requestTimeout ?? Math.min(groupDefaults.requestTimeout, Math.floor(maxOperationTime / 2));
  return Object.freeze({
    nodes: Array.from(nodes),
    groupSize,
    maxOperationTime,
    name: checkName('name', given.name),
    keyPrefix: checkName('keyPrefix', given.keyPrefix),
    partitions: checkWhole('partitions', given.partitions, 1, partitionsMax, ''),
    requestTimeout: checkWhole('requestTimeout', requestTimeout, 10, Math.floor(maxOperationTime / 2)),
    connectTimeout: checkWhole('connectTimeout', given.connectTimeout, 100, 600_000),
    maxInFlight: checkWhole('maxInFlight', given.maxInFlight, 16, 1_000_000, ''),
    onMajorityRestart: checkOneOf('onMajorityRestart', given.onMajorityRestart, ['merge', 'halt']),
  });
}

function checkName(option: string, value: unknown): string {
  if (typeof value !== 'string' || !/^[\w.-]{1,64}$/.test(value)) {
    throw new InvalidOptionsError(option, '1 to 64 letters, digits, ".", "_" or "-"', show(value));
  }
  return value;
}

function defined(options: GroupOptions): Partial<GroupOptions> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
