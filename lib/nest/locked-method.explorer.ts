import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { getMajorityLockMetadata } from './lock-metadata.accessor.js';
import type { MajorityLockMetadata } from './lock-metadata.accessor.js';

/** One locked method of one instance. */
export interface LockedMethod {
  readonly instance: object;
  /** `Seats.sell` */
  readonly title: string;
  readonly locks: readonly MajorityLockMetadata[];
}

/** Finds the methods decorated with `@WithMajorityLock()` on what lives as long as the application. */
@Injectable()
export class LockedMethodExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  explore(): LockedMethod[] {
    return [...this.discovery.getControllers(), ...this.discovery.getProviders()]
      .filter((wrapper) => wrapper.isDependencyTreeStatic())
      .flatMap(({ instance }) => (isObject(instance) ? this.lockedMethodsOf(instance) : []));
  }

  private lockedMethodsOf(instance: object): LockedMethod[] {
    const prototype: unknown = Object.getPrototypeOf(instance);
    if (!isObject(prototype)) return [];
    return this.scanner.getAllMethodNames(prototype).flatMap((name) => {
      const locks = getMajorityLockMetadata((prototype as Record<string, object>)[name] as object);
      return locks.length > 0 ? [{ instance, title: `${prototype.constructor.name}.${name}`, locks }] : [];
    });
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
