import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { embeddedSize, readSampleConfig } from '../../sample/src/sample-config.js';

interface Service {
  image?: string;
  build?: { context: string; dockerfile: string };
  command?: string | string[];
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  profiles?: string[];
}

interface ComposeFile {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const text = (path: string): string => readFileSync(root + path, 'utf8');

const compose = parse(text('docker-compose.yml'), { merge: true }) as ComposeFile;
const members = Object.entries(compose.services).filter(([, service]) => service.image?.startsWith('redis:'));
const memberNames = members.map(([name]) => name);
const clients = ['sample', 'shell'] as const;

describe('docker-compose.yml', () => {
  it('has as many Redis services as the sample starts by itself', () => {
    expect(memberNames).toEqual(Array.from({ length: embeddedSize }, (_, index) => `redis-${index + 1}`));
  });

  describe.each(members)('%s', (name, service) => {
    const command = String(service.command).split(' ');
    const argument = (flag: string) => command[command.indexOf(`--${flag}`) + 1];

    it('keeps an append-only file', () => {
      expect(command[0]).toBe('redis-server');
      expect(argument('appendonly')).toBe('yes');
    });

    it('evicts nothing', () => {
      expect(argument('maxmemory-policy')).toBe('noeviction');
    });

    it('has a health check that asks the server', () => {
      expect(service.healthcheck?.test.join(' ')).toContain('redis-cli ping');
    });

    it('has a volume of its own', () => {
      expect(service.volumes).toEqual([`${name}:/data`]);
      expect(compose.volumes).toHaveProperty([name]);
    });

    it('is not reachable from outside', () => {
      expect(service.ports).toBeUndefined();
    });
  });

  describe.each(clients)('%s', (name) => {
    const service = compose.services[name]!;

    it('gets all Redis services as its members, each on the port it listens on', () => {
      const { nodes = [] } = readSampleConfig(service.environment ?? {});
      const addresses = nodes.map((node) => new URL(node));
      expect(addresses.map(({ hostname }) => hostname)).toEqual(memberNames);
      for (const { hostname, port } of addresses) {
        expect(port).toBe(listeningPort(compose.services[hostname]!));
      }
    });

    it('sets only variables that the sample reads', () => {
      expect([...variablesRead()]).toEqual(expect.arrayContaining(Object.keys(service.environment ?? {})));
    });

    it('starts when all members are healthy', () => {
      expect(service.depends_on).toEqual(
        Object.fromEntries(memberNames.map((member) => [member, { condition: 'service_healthy' }])),
      );
    });

    it('is built from a Dockerfile that exists', () => {
      expect(service.build?.context).toBe('.');
      expect(existsSync(root + service.build?.dockerfile)).toBe(true);
    });

    it('runs an entry that the sample has', () => {
      const dockerfile = text(service.build!.dockerfile);
      const command = service.command ?? (JSON.parse(/^CMD (.*)$/m.exec(dockerfile)![1]!) as string[]);
      const entry = /^\.build\/sample\/(.*)\.js$/.exec(command.at(-1)!)?.[1];
      expect(existsSync(`${root}sample/src/${entry}.ts`)).toBe(true);
    });
  });

  it('publishes the port that the sample listens on, for this machine only', () => {
    const { port, host } = readSampleConfig(compose.services['sample']!.environment ?? {});
    expect(host).toBe('0.0.0.0');
    expect(compose.services['sample']!.ports).toEqual([`127.0.0.1:${port}:${port}`]);
  });

  it('starts the shell only when it is asked for', () => {
    expect(compose.services['shell']?.profiles).toEqual(['shell']);
    expect(compose.services['sample']?.profiles).toBeUndefined();
  });
});

/** Redis' own default unless the command says otherwise. */
function listeningPort({ command }: Service): string {
  return /--port (\d+)/.exec(String(command))?.[1] ?? '6379';
}

/** Which environment variables `readSampleConfig()` looks at, seen by looking. */
function variablesRead(): Set<string> {
  const read = new Set<string>();
  readSampleConfig(new Proxy<NodeJS.ProcessEnv>({}, { get: (_, name) => (read.add(String(name)), undefined) }));
  return read;
}
