import { Catch } from '@nestjs/common';
import type { ExceptionFilter } from '@nestjs/common';
import { throwError } from 'rxjs';
import type { Observable } from 'rxjs';

/**
 * Hands what event handlers throw to the strategy as it is. Nest's own filter makes `Internal server error` of everything
 * but `RpcException`, and that would stand in dead letters; backoff functions and `UnrecoverableMessageError` need the
 * error itself.
 *
 * `microservice.useGlobalFilters(new QueueExceptionFilter())`, or `@UseFilters(QueueExceptionFilter)` on a controller.
 */
@Catch()
export class QueueExceptionFilter implements ExceptionFilter<unknown> {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}
