import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startLocalGroup, type LocalGroup } from 'nestjs-majority-redis/testing';
import { freePort } from '../../../lib/testing/free-port.js';
import { startLocalCluster, type LocalCluster } from '../../support/local-cluster.js';
import { makeCertificates, type Certificates } from '../../support/certificates.js';
import { blockOf } from './blocks.js';

/** Something that a page's code sent to others than Redis. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

interface Parts {
  /** Those that pages call a, b and c. */
  servers: LocalGroup;
  /** Those that pages call d, e and f. */
  moreServers: LocalGroup;
  secured: SecuredServers;
  /** Those that pages call redis-a, redis-b and redis-c, by the zone in their name. */
  clusters: readonly LocalCluster[];
  outside: Outside;
  metricsPort: number;
}

/** What pages take for granted: Redis servers, and others to send requests to. */
export class World implements AsyncDisposable {
  private constructor(private readonly parts: Parts) {}

  static async open(): Promise<World> {
    const [servers, moreServers, secured, clusters, outside, metricsPort] = await Promise.all([
      startLocalGroup({ size: 3 }),
      startLocalGroup({ size: 3 }),
      SecuredServers.start(),
      Promise.all([1, 2, 3].map(() => startLocalCluster(1))),
      Outside.listen(),
      freePort(),
    ]);
    return new World({ servers, moreServers, secured, clusters, outside, metricsPort });
  }

  get servers(): LocalGroup {
    return this.parts.servers;
  }

  /** Address of all that is not Redis, without a slash at the end; it answers with `["a row"]`, or `/never`. */
  get outside(): string {
    return this.parts.outside.url;
  }

  /** All that was sent there. */
  get requests(): readonly Request[] {
    return this.parts.outside.requests;
  }

  /** Where metrics can be scraped, once the page has set that up. */
  get metrics(): string {
    return `http://127.0.0.1:${this.parts.metricsPort}/metrics`;
  }

  /** Variables that pages read. */
  get environment(): Record<string, string> {
    return {
      REDIS_NODES: this.servers.urls.join(','),
      STAFF_PASSWORD: 'open sesame',
      OTEL_EXPORTER_OTLP_ENDPOINT: this.outside,
    };
  }

  /** What pages write for a reader's own addresses, and what stands there in the test. */
  get placeholders(): [RegExp, string][] {
    const { servers, moreServers, secured, clusters, outside, metricsPort } = this.parts;
    const [a, b, c] = clusters.map(({ startupNodes }) => startupNodes[0]!.port);
    const addresses = [...servers.urls, ...moreServers.urls];
    return [
      [/host: `redis-\$\{zone\}`, port: 6379/g, `host: '127.0.0.1', port: ({ a: ${a}, b: ${b}, c: ${c} })[zone]!`],
      ...[...'abcdef'].map((name, index): [RegExp, string] => [
        new RegExp(`redis://${name}(:6379)?(?=')`, 'g'),
        addresses[index]!,
      ]),
      ...[...'abc'].map((name, index): [RegExp, string] => [
        new RegExp(`host: 'redis-${name}', port: 6380`, 'g'),
        `host: '127.0.0.1', port: ${secured.ports[index]}`,
      ]),
      [/\/etc\/redis\/ca\.pem/g, secured.certificates.ca],
      [/http:\/\/127\.0\.0\.1:8025/g, outside.url],
      [/port: 9464/g, `port: ${metricsPort}`],
      [/listen\(3000\)/g, 'listen(0)'],
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { servers, moreServers, secured, clusters, outside } = this.parts;
    outside.close();
    await Promise.all(clusters.map((cluster) => cluster[Symbol.asyncDispose]()));
    await Promise.all([servers.stop(), moreServers.stop(), secured.stop()]);
  }
}

/** Three servers that speak TLS, with the user that the guide to operations has. */
class SecuredServers {
  private constructor(
    readonly certificates: Certificates,
    readonly ports: readonly number[],
    private readonly groups: readonly LocalGroup[],
  ) {}

  static async start(): Promise<SecuredServers> {
    const certificates = await makeCertificates();
    const { ca, certificate, key } = certificates;
    const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', ca];
    const ports = [await freePort(), await freePort(), await freePort()];
    const groups = await Promise.all(
      ports.map((port) =>
        startLocalGroup({ size: 1, args: ['--tls-port', `${port}`, '--tls-auth-clients', 'no', ...files] }),
      ),
    );
    const command = blockOf('docs/guides/operations.md', 'A user with the least rights').code.trim().split(' ');
    for (const { members } of groups) await members[0]!.command(...(command as [string, ...string[]]));
    return new SecuredServers(certificates, ports, groups);
  }

  async stop(): Promise<void> {
    await Promise.all(this.groups.map((group) => group.stop()));
    await this.certificates[Symbol.asyncDispose]();
  }
}

/** A server that remembers what it was asked. */
class Outside {
  readonly requests: Request[] = [];
  private readonly server = createServer((request, response) => {
    const { method = '', url: path = '' } = request;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.requests.push({ method, path, body: Buffer.concat(chunks).toString() });
      if (path !== '/never') response.setHeader('content-type', 'application/json').end('["a row"]');
    });
  });

  static async listen(): Promise<Outside> {
    const outside = new Outside();
    outside.server.listen(0, '127.0.0.1');
    await once(outside.server, 'listening');
    return outside;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
