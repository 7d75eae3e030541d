import { Injectable } from '@nestjs/common';
import { QuorumKvService } from 'nestjs-majority-redis';
import type { KvGuard } from 'nestjs-majority-redis';

/** What was sent to a buyer. */
export interface Shipment {
  readonly order: string;
  readonly item: string;
  readonly label: string;
  /** How often it was tried. */
  readonly attempts: number;
}

const prefix = 'shipment:';

/**
 * What was shipped, in the key-value store. An order can be handled twice, when its first handler loses its lease: the
 * delivery is the guard of the write, so that the late one is refused.
 */
@Injectable()
export class Shipments {
  constructor(private readonly kv: QuorumKvService) {}

  /** @throws StaleTokenError when a later delivery of the order was here before; NoQuorumError; OutcomeUnknownError */
  async write(shipment: Shipment, guard: KvGuard): Promise<void> {
    await this.kv.set(prefix + shipment.order, shipment, { guard });
  }

  /** @throws NoQuorumError */
  async list(): Promise<Shipment[]> {
    const keys: string[] = [];
    for await (const key of this.kv.keys(prefix)) keys.push(key);
    const shipments = await this.kv.getMany<Shipment>(keys.sort());
    return [...shipments.values()].map(({ value }) => value);
  }
}
