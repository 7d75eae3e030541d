import type { ServerResponse } from 'node:http';
import { Catch, HttpStatus } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { throwError } from 'rxjs';
import type { Observable } from 'rxjs';
import { isMajorityRedisError } from '../errors.js';
import type { AnyMajorityRedisError } from '../errors.js';

/** The codes that have an HTTP status; the others are faults of the program, and stay a 500 of Nest's own. */
const statuses = {
  LOCK_UNAVAILABLE: HttpStatus.LOCKED,
  NO_QUORUM: HttpStatus.SERVICE_UNAVAILABLE,
  LOCK_LOST: HttpStatus.SERVICE_UNAVAILABLE,
  LEASE_LOST: HttpStatus.SERVICE_UNAVAILABLE,
  OUTCOME_UNKNOWN: HttpStatus.SERVICE_UNAVAILABLE,
  STALE_TOKEN: HttpStatus.CONFLICT,
} as const;

type MappedError = Extract<AnyMajorityRedisError, { code: keyof typeof statuses }>;

/** What a client is told: nothing of the error but its code and message. */
interface ErrorBody {
  readonly statusCode: number;
  readonly error: string;
  readonly message: string;
}

/** Stands for the mapped errors in `@Catch()`: Nest asks `instanceof`, which a second copy's errors would not pass. */
abstract class AnyMappedError {
  static [Symbol.hasInstance](value: unknown): boolean {
    return isMajorityRedisError(value) && Object.hasOwn(statuses, value.code);
  }
}

/**
 * Answers requests that failed for want of a lock or a quorum, with `{ statusCode, error: code, message }`:
 *
 * | code             | status | Retry-After |
 * | ---------------- | ------ | ----------- |
 * | LOCK_UNAVAILABLE | 423    | yes         |
 * | NO_QUORUM        | 503    | yes         |
 * | LOCK_LOST        | 503    | no          |
 * | LEASE_LOST       | 503    | no          |
 * | OUTCOME_UNKNOWN  | 503    | no          |
 * | STALE_TOKEN      | 409    | no          |
 *
 * A lost lock or lease is a 503, as it is this server that was too slow or cut off, and not the request that conflicts. It
 * invites no retry, as part of the work may be done; nor does a write whose outcome is unknown.
 *
 * Needs no adapter, so `app.useGlobalFilters(new MajorityRedisExceptionFilter())`, `@UseFilters()` and `APP_FILTER` all
 * do. With Express, Fastify, and what has their interface. To RPC and WebSocket clients the body goes as Nest sends
 * errors there; in any other context the error is thrown on.
 */
@Catch(AnyMappedError)
export class MajorityRedisExceptionFilter implements ExceptionFilter<MappedError> {
  catch(error: MappedError, host: ArgumentsHost): Observable<never> | void {
    const body: ErrorBody = { statusCode: statuses[error.code], error: error.code, message: error.message };
    switch (host.getType<string>()) {
      case 'http':
        return answer(host.switchToHttp().getResponse<Reply | ServerResponse>(), body, retryAfter(error));
      // A throw in these two would end as an unhandled rejection of their transports.
      case 'rpc':
        return throwError(() => body);
      case 'ws':
        host
          .switchToWs()
          .getClient<WsClient>()
          .emit('exception', { status: 'error', ...body });
        return;
      default:
        throw error;
    }
  }
}

/** What the responses of Express and Fastify have in common. */
interface Reply {
  /** Node's response inside that of Fastify. */
  readonly raw?: ServerResponse;
  readonly headersSent?: boolean;
  status(code: number): unknown;
  header(name: string, value: string): unknown;
  send(body: object): unknown;
}

interface WsClient {
  emit(event: string, body: object): unknown;
}

/** Whole seconds, rounded up, at least 1. */
function retryAfter(error: MappedError): string | undefined {
  return 'retryAfter' in error ? String(Math.max(1, Math.ceil(error.retryAfter / 1000))) : undefined;
}

function answer(response: Reply | ServerResponse, body: ErrorBody, retryAfterSeconds: string | undefined): void {
  const raw = nodeResponse(response);
  if (raw.headersSent) {
    // an answer under way cannot become another one: it can only end
    raw.end();
  } else if ('send' in response) {
    response.status(body.statusCode);
    if (retryAfterSeconds !== undefined) response.header('Retry-After', retryAfterSeconds);
    response.send(body);
  } else {
    // what fails in a middleware under Fastify comes with Node's own response
    const headers = retryAfterSeconds === undefined ? {} : { 'Retry-After': retryAfterSeconds };
    raw.writeHead(body.statusCode, { 'Content-Type': 'application/json; charset=utf-8', ...headers });
    raw.end(JSON.stringify(body));
  }
}

function nodeResponse(response: Reply | ServerResponse): ServerResponse {
  return 'raw' in response && response.raw !== undefined ? response.raw : (response as ServerResponse);
}
