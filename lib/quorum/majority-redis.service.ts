import { inspect, type InspectOptions } from 'node:util';
import type { Observable } from 'rxjs';
import type { GroupEvent, GroupStatus } from './group-status.js';
import type { Partitions } from './partitions.js';
import { shownAs } from '../runtime/shown-as.js';

/** How a group is: for dashboards, health checks and logs. Injectable with Nest. */
export class MajorityRedisService {
  /** What happens from subscription on; completes when the group is closed. */
  readonly events$: Observable<GroupEvent>;

  /** @internal made by `connectMajorityRedis()` */
  constructor(private readonly partitions: Partitions) {
    this.events$ = partitions.events.asObservable();
  }

  /** Name of the group, `default` unless given. */
  get name(): string {
    return this.partitions.name;
  }

  /** The group as this client sees it now; asks nobody. */
  status(): GroupStatus {
    return this.partitions.status();
  }

  /**
   * As `status()`, but asks each member first: one that hangs or forgot while nobody needed it is found out. For health
   * checks. Takes no longer than `requestTimeout`; never rejects.
   *
   * @returns with the round-trip times of these answers
   */
  check(): Promise<GroupStatus> {
    return this.partitions.check();
  }

  /** @internal */
  [inspect.custom](_depth: number, options: InspectOptions): string {
    return shownAs('MajorityRedisService', this.status(), options);
  }
}
