import { homeOrder } from '../../../lib/quorum/home-order.js';
import type { SiteClient } from '../site/site-client.js';
import { freezeAndThaw } from './freeze-and-thaw.js';
import type { Fault } from './nemesis.js';

/** Freezes the member that is home of a name, whichever was to be hit. */
export function freezeHome(name: string, observer: SiteClient): Fault {
  return (site, _, random) => {
    const members = observer.status.status().members.map(({ incarnation }, index) => ({ incarnation, index }));
    const [home] = homeOrder(name, members);
    return freezeAndThaw(site, home!.index + 1, random);
  };
}
