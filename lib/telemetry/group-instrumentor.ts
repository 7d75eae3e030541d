import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Subscription } from 'rxjs';
import type { MajorityRedis } from '../connect.js';
import { InvalidOptionsError } from '../errors.js';
import { GroupRegistry } from '../nest/group.registry.js';
import { allowed } from '../nest/messages.js';
import { show } from '../options/checks.js';
import { instrument } from './instrument.js';
import { MODULE_OPTIONS_TOKEN } from './module-definition.js';
import { resolveTelemetryOptions, type ResolvedTelemetryOptions } from './resolve-telemetry-options.js';
import type { MajorityRedisTelemetryOptions } from './telemetry-options.js';

/** Instruments the groups of one application as they are opened, before a consumer of theirs is set up. */
@Injectable()
export class GroupInstrumentor implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly options: ResolvedTelemetryOptions;
  private readonly undo: (() => void)[] = [];
  private readonly subscription: Subscription;

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) options: MajorityRedisTelemetryOptions,
    private readonly registry: GroupRegistry,
  ) {
    this.options = resolveTelemetryOptions(options);
    this.subscription = registry.opened$.subscribe((redis) => this.add(redis));
  }

  /** @throws InvalidOptionsError for groups that the application does not have */
  onApplicationBootstrap(): void {
    const { groups = [], queues } = this.options;
    for (const name of [...groups, ...queues.keys()]) {
      if (this.registry.names.includes(name)) continue;
      throw new InvalidOptionsError('groups and queues of telemetry', allowed.knownGroup, show(name));
    }
  }

  /** Consumers have stopped, and the groups are still open: they close last. */
  onApplicationShutdown(): void {
    this.subscription.unsubscribe();
    for (const undo of this.undo.splice(0)) undo();
  }

  private add(redis: MajorityRedis): void {
    const { groups, queues, instrument: options } = this.options;
    const { name } = redis.group;
    if (groups !== undefined && !groups.includes(name)) return;
    this.undo.push(instrument(redis, { ...options, queues: queues.get(name) }));
  }
}
