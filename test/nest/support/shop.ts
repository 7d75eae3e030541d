import { expect } from 'vitest';
import { startSample } from '../../../sample/src/sample.js';
import type { Seat } from '../../../sample/src/seats/seat-store.js';

/** What the shop's answers may hold. */
export interface Body {
  text?: string;
  mode?: string;
  token?: number;
  /** Of a sale: what each member said. */
  votes?: Record<string, string>;
  voting?: number;
  /** Of the counters. */
  total?: number;
  rows?: Record<string, number>;
  members?: { server: { pid: number } }[];
}

export interface Answer {
  status: number;
  body: Body;
  retryAfter: string | null;
}

export async function ask(url: string, method = 'GET', body?: unknown): Promise<Answer> {
  const init = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(url, { method, ...(body === undefined ? {} : init) });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return {
    status: response.status,
    body: isJson ? (JSON.parse(text) as Body) : { text },
    retryAfter: response.headers.get('retry-after'),
  };
}

/** The shop in the words of its customers. */
export function customersOf(url: string) {
  return {
    get: (path: string) => ask(url + path),
    post: (path: string, body?: unknown) => ask(url + path, 'POST', body),
    giveBack: (seat: string) => ask(`${url}/seats/${seat}/sale`, 'DELETE'),
    sales: async () => (await ask(`${url}/sales`)).body,
    sell: (seat: string, buyer: string, query = '') => ask(`${url}/seats/${seat}/sell${query}`, 'POST', { buyer }),
    seat: async (id: string) => {
      const seats = (await (await fetch(`${url}/seats`)).json()) as Seat[];
      return seats.find((seat) => seat.id === id);
    },
    pids: async () => (await ask(`${url}/members`)).body.members?.map(({ server }) => server.pid) ?? [],
    members: async (action: string, ...numbers: number[]) => {
      for (const number of numbers) {
        expect(await ask(`${url}/members/redis-${number}/${action}`, 'POST')).toMatchObject({ status: 200 });
      }
    },
  };
}

/** A shop of its own on a free port. */
export async function openShop(nodes?: readonly string[]) {
  const sample = await startSample({ host: '127.0.0.1', port: 0, nodes });
  return { ...customersOf(sample.url), url: sample.url, [Symbol.asyncDispose]: () => sample[Symbol.asyncDispose]() };
}
