import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { InvalidOptionsError } from '../errors.js';
import { show } from '../options/checks.js';
import { GroupRegistry } from './group.registry.js';
import { findLockService, provideLockService } from './lock-service.property.js';
import { LockedMethodExplorer } from './locked-method.explorer.js';
import { allowed } from './messages.js';

/**
 * Gives lock services to instances that the application's own factories made (`useFactory`, `useValue`): the injector
 * fills properties only of what it makes itself.
 */
@Injectable()
export class LockedMethodOrchestrator implements OnModuleInit {
  constructor(
    private readonly explorer: LockedMethodExplorer,
    private readonly groups: GroupRegistry,
  ) {}

  /** @throws InvalidOptionsError when a method names a group that the application does not have */
  async onModuleInit(): Promise<void> {
    for (const { instance, title, locks } of this.explorer.explore()) {
      for (const { group } of locks) {
        if (findLockService(instance, group) !== undefined) continue;
        const connection = await this.groups.get(group);
        if (connection === undefined) {
          throw new InvalidOptionsError(`group of @WithMajorityLock() on ${title}()`, allowed.knownGroup, show(group));
        }
        provideLockService(instance, group, connection.locks);
      }
    }
  }
}
