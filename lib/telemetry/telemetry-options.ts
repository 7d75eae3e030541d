import type { MeterProvider, TracerProvider } from '@opentelemetry/api';

/** What `instrument()` takes; all of it optional. */
export interface InstrumentOptions {
  /**
   * Queues whose depth and age are measured. The members are asked only when a reader collects, once a queue.
   *
   * @default none
   */
  queues?: readonly string[];
  /**
   * Whether spans tell the keys of locks and values: keys often hold ids of people. Metrics never tell them.
   *
   * @default false
   */
  keys?: boolean;
  /** @default the global one, also when it is registered later */
  tracerProvider?: TracerProvider;
  /** @default the global one; it has to be registered before */
  meterProvider?: MeterProvider;
}

/** What `MajorityRedisTelemetryModule.forRoot()` takes, and the factories of `forRootAsync()` return. */
export interface MajorityRedisTelemetryOptions extends Omit<InstrumentOptions, 'queues'> {
  /** Names of the groups to instrument. @default all groups of the application */
  groups?: readonly string[];
  /**
   * Queues whose depth and age are measured, by name in the default group, or with the group's name. The members are
   * asked only when a reader collects, once a queue.
   *
   * @default none
   */
  queues?: readonly (string | TelemetryQueue)[];
}

/** A queue of a named group. */
export interface TelemetryQueue {
  /** Of the queue. */
  readonly name: string;
  /** @default 'default' */
  readonly group?: string;
}

/** The interface of a class given as `useClass` or `useExisting`. */
export interface MajorityRedisTelemetryOptionsFactory {
  /** Called once, when the module is set up. */
  createMajorityRedisTelemetryOptions(): MajorityRedisTelemetryOptions | Promise<MajorityRedisTelemetryOptions>;
}
