/**
 * Servers that `npm run test:servers` runs the tests on. The last of `suites` is the Debian release that has the
 * package, those before are what it builds on. `npm`: a package that ships the program itself; libraries are Debian's.
 * `isRefused`: too old for the scripts, so what is tested is that a start says so. docs/guides/operations.md has the
 * same table.
 *
 * @type {import('./tested-servers.mjs').TestedServer[]}
 */
export const testedServers = [
  { ...redis('redis-6.0', 'bullseye'), isRefused: true },
  redis('redis-7.0', 'bookworm'),
  redis('redis-8.0', 'trixie'),
  redis('redis-8.0-sid', 'sid'),
  {
    ...redis('redis-8.2', 'trixie'),
    npm: { package: '@falkordblite/linux-x64@8.2.3-falkordb.4.16.3', program: 'bin/redis-server' },
    // built without TLS
    excluded: ['**/tls.spec.ts'],
  },
  redis('redis-8.6', 'sid', 'experimental'),
  valkey('valkey-8.0', 'bookworm', 'bookworm-backports'),
  valkey('valkey-8.1', 'trixie'),
  valkey('valkey-9.1', 'sid'),
  {
    name: 'redict-7.3',
    suites: ['bookworm', 'bookworm-backports'],
    package: 'redict-server',
    program: 'redict-server',
  },
];

function redis(name, ...suites) {
  return { name, suites, package: 'redis-server', program: 'redis-server' };
}

function valkey(name, ...suites) {
  return { name, suites, package: 'valkey-server', program: 'valkey-server' };
}
