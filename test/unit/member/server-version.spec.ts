import { describe, expect, it } from 'vitest';
import { versionProblem } from '../../../lib/member/server-version.js';

const infoOf = (...lines: string[]): string => ['# Server', ...lines, 'run_id:abc', ''].join('\r\n');

describe('the version of a server', () => {
  it.each(['6.2.0', '6.2', '6.10.1', '7.0.15', '8.0.2', '10.0.0', '255.255.255', '7.2.240-rc1'])(
    '%s is new enough',
    (version) => {
      expect(versionProblem(infoOf(`redis_version:${version}`))).toBeUndefined();
    },
  );

  it.each(['6.1.242', '6.0.16', '5.0.14', '2.8.0'])('%s is too old, and that is said', (version) => {
    expect(versionProblem(infoOf(`redis_version:${version}`))).toBe(
      `Redis ${version} is too old: 6.2 or newer is needed, or Valkey`,
    );
  });

  it('of a Valkey is the one of Redis that it is equal to', () => {
    const valkey = infoOf('redis_version:7.2.4', 'server_name:valkey', 'valkey_version:9.1.2');
    expect(versionProblem(valkey)).toBeUndefined();
  });

  it('is taken as good where it is not told: the commands are tried anyway', () => {
    expect(versionProblem(infoOf())).toBeUndefined();
    expect(versionProblem(infoOf('redis_version:unstable'))).toBeUndefined();
  });
});
