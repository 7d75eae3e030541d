import type { ArgumentsHost } from '@nestjs/common';
import { lastValueFrom } from 'rxjs';
import type { Observable } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { LockUnavailableError } from '../../../lib/errors.js';
import { MajorityRedisExceptionFilter } from '../../../lib/nest/majority-redis-exception.filter.js';

const filter = new MajorityRedisExceptionFilter();
const busy = new LockUnavailableError(['a'], ['a'], 1001, [], 0);
const body = { statusCode: 423, error: 'LOCK_UNAVAILABLE', message: busy.message };

function hostOf(type: string, peer: object): ArgumentsHost {
  return {
    getType: () => type,
    switchToHttp: () => ({ getResponse: () => peer }),
    switchToWs: () => ({ getClient: () => peer }),
  } as unknown as ArgumentsHost;
}

describe('MajorityRedisExceptionFilter', () => {
  it('only ends an answer whose headers are sent', () => {
    const express = { headersSent: true, send: vi.fn(), status: vi.fn(), end: vi.fn() };
    filter.catch(busy, hostOf('http', express));
    expect(express.end).toHaveBeenCalledOnce();
    expect(express.send).not.toHaveBeenCalled();

    const fastify = { raw: { headersSent: true, end: vi.fn() }, send: vi.fn(), status: vi.fn() };
    filter.catch(busy, hostOf('http', fastify));
    expect(fastify.raw.end).toHaveBeenCalledOnce();
    expect(fastify.send).not.toHaveBeenCalled();
  });

  it("answers on Node's own response, as Fastify's middleware has it", () => {
    const native = { headersSent: false, writeHead: vi.fn(), end: vi.fn() };
    filter.catch(busy, hostOf('http', native));
    expect(native.writeHead).toHaveBeenCalledWith(423, expect.objectContaining({ 'Retry-After': '2' }));
    expect(native.end).toHaveBeenCalledWith(JSON.stringify(body));
  });

  it('answers an RPC client with a stream that fails, without anything from inside the error', async () => {
    const answer = filter.catch(busy, hostOf('rpc', {})) as Observable<never>;
    await expect(lastValueFrom(answer)).rejects.toEqual(body);
  });

  it('answers a WebSocket client with the event that Nest uses', () => {
    const client = { emit: vi.fn() };
    filter.catch(busy, hostOf('ws', client));
    expect(client.emit).toHaveBeenCalledWith('exception', { status: 'error', ...body });
  });

  it('throws on in any other context', () => {
    expect(() => filter.catch(busy, hostOf('graphql', {}))).toThrow(busy);
  });
});
