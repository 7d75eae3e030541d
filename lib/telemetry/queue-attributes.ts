import type { Attributes } from '@opentelemetry/api';
import type { Instrumentation } from './instrumentation.js';
import { attribute, systemName } from './names.js';

/** Attributes of an operation on a queue, for its metric and its span. */
export function queueAttributes(
  { group }: Instrumentation,
  queue: string,
  operation: string,
  type?: 'send' | 'receive' | 'settle' | 'process',
): Attributes {
  return {
    [attribute.messagingSystem]: systemName,
    [attribute.destination]: queue,
    [attribute.messagingOperation]: operation,
    ...(type && { [attribute.messagingOperationType]: type }),
    [attribute.group]: group,
  };
}
