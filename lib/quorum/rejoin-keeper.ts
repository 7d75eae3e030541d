import type { Member } from '../member/member.js';
import type { Connection } from '../member/transport.js';
import type { Clock, Timer } from '../runtime/clock.js';
import type { GroupKeys } from './group-keys.js';
import type { GroupNews } from './group-status.js';
import { Episode, type EpisodeContext } from './rejoin-episode.js';
import { planRejoin, sourcesNeeded, type RejoinPlan, type RejoinSituation, type Standing } from './rejoin-plan.js';
import { holdsNothing, survey, type SurveyContext, type Surveyed } from './survey.js';

/** ms between two looks at members that do not vote yet. */
const surveyInterval = 100;

/** What the keeper needs of its group. */
export interface KeeperContext extends EpisodeContext, SurveyContext {
  readonly keys: GroupKeys;
  readonly members: readonly Member[];
  readonly clock: Clock;
  readonly maxOperationTime: number;
  situation(): Omit<RejoinSituation, 'isAdopting'>;
  onRejoin(member: Member, phase: string, copied: number): void;
  onGroup(event: GroupNews, detail: string): void;
}

/**
 * Brings members that forgot back to voting, as long as there are any: looks at all members every 100 ms, decides by
 * `planRejoin`, and lets one `Episode` per member do the work.
 */
export class RejoinKeeper {
  private readonly episodes = new Map<Member, Episode>();
  private timer: Timer | undefined;
  private isRunning = false;
  private isKicked = false;
  private isClosed = false;
  /** Which servers were reachable, and since when unchanged: what a wait counts from while members are missing. */
  private scene = { signature: '', since: 0 };
  private announced = '';
  /** The scene in which this client began to make the reachable members the group. */
  private adopting = '';

  constructor(private readonly context: KeeperContext) {}

  /** Some member may need it: start looking, unless that is under way. */
  kick(): void {
    this.isKicked = true;
    if (this.isRunning || this.isClosed) return;
    this.timer?.cancel();
    this.timer = undefined;
    void this.look();
  }

  close(): void {
    this.isClosed = true;
    this.timer?.cancel();
  }

  progressOf(member: Member): { phase: string; copied: number } | undefined {
    const episode = this.episodes.get(member);
    return episode && { phase: episode.phase, copied: episode.copied };
  }

  private async look(): Promise<void> {
    this.isRunning = true;
    try {
      do {
        this.isKicked = false;
        await this.round();
      } while (this.isKicked && !this.isClosed);
    } finally {
      this.isRunning = false;
    }
    const isWanted = this.context.members.some(({ state }) => state === 'rejoining');
    if (isWanted && !this.isClosed)
      this.timer = this.context.clock.schedule(surveyInterval, () => void this.look(), true);
  }

  private async round(): Promise<void> {
    const found = await Promise.all(this.context.members.map((member) => survey(member, this.context)));
    const reachable = found.filter((one) => one !== undefined);
    this.watchScene(reachable);
    for (const one of reachable) {
      if (one.marker === 'valid') this.admitted(one.member, one.connection);
      else one.member.demote(one.connection, 'it forgot: no valid marker');
    }
    const unmarked = reachable
      .filter(({ marker }) => marker !== 'valid')
      .sort((a, b) => (a.connection.facts.incarnation < b.connection.facts.incarnation ? -1 : 1));
    if (unmarked.length > 0) await this.bringBack(unmarked, await this.standings(reachable));
  }

  private async bringBack(unmarked: readonly Surveyed[], standings: readonly Standing[]): Promise<void> {
    const together: Episode[] = [];
    for (const { member, connection } of unmarked) {
      const episode = this.episodeOf(member, connection);
      const isAdopting = this.adopting === this.scene.signature;
      const plan = planRejoin(member.index, standings, { ...this.context.situation(), isAdopting });
      if (plan.kind === 'copy') {
        if ((await episode.holdTicket()) === 'held') this.copy(episode, plan);
      } else if (plan.kind === 'stay-out') {
        // a ticket is not renewed: another client may reach more members, but what is missing may be back at once
        episode.enter(`waits for members that remember: ${plan.remembering} of ${plan.needed} are here`);
      } else {
        // tickets in one order for all clients: whoever has the first one acts for the whole group
        const ticket = await episode.holdTicket();
        if (ticket === 'busy') together.forEach((held) => held.dropTicket());
        if (ticket !== 'held') return;
        together.push(episode);
        if (together.length === unmarked.length) await this.bringBackTogether(together, plan.kind, standings);
      }
    }
  }

  private copy(episode: Episode, plan: RejoinPlan & { kind: 'copy' }): void {
    const { clock, maxOperationTime, members } = this.context;
    // nothing may still count a vote given before it forgot: quorum.md, safeguard S04
    if (clock.now() < episode.ticketSince + maxOperationTime) return episode.enter('waits for operations in flight');
    const sources = plan.sources.map((index) => members[index]!);
    void episode.copyAndAdmit(sources, false).then((isDone) => {
      if (isDone) this.admitted(episode.member, episode.connection);
    });
  }

  private async bringBackTogether(
    episodes: readonly Episode[],
    kind: 'form' | 'adopt' | 'merge' | 'halted',
    standings: readonly Standing[],
  ): Promise<void> {
    this.announce(kind, standings.length);
    if (kind === 'halted') {
      for (const episode of episodes) episode.enter('halted: an operator must decide');
      return;
    }
    const { clock, leaseMax, maxOperationTime, members } = this.context;
    // with members missing, as long as those are: they may remember, and come back
    const sceneSince = kind === 'adopt' ? this.scene.since : -Infinity;
    const since = Math.max(sceneSince, ...episodes.map(({ ticketSince }) => ticketSince));
    const left = since + leaseMax + maxOperationTime - clock.now();
    if (kind !== 'form' && left > 0) {
      for (const episode of episodes) episode.enter(`waits ${Math.ceil(left / 1000)} s for the end of old leases`);
      return;
    }
    if (kind === 'adopt') this.adopting = this.scene.signature;
    const admissions = episodes.map(async (episode) => {
      const others = members.filter((one) => one !== episode.member);
      const isDone = await (kind === 'merge' ? episode.copyAndAdmit(others, true) : episode.admitEmpty());
      if (isDone) this.admitted(episode.member, episode.connection);
    });
    // a copy may take long: rounds go on and keep the tickets
    if (kind !== 'merge') await Promise.all(admissions);
    if (kind === 'form') this.context.onGroup('formed', `${episodes.length} members`);
  }

  private admitted(member: Member, connection: Connection): void {
    const episode = this.episodes.get(member);
    this.episodes.delete(member);
    if (episode && member.state === 'rejoining') this.context.onRejoin(member, 'done', episode.copied);
    member.admit(connection);
  }

  private episodeOf(member: Member, connection: Connection): Episode {
    let episode = this.episodes.get(member);
    if (episode?.connection.facts.incarnation === connection.facts.incarnation) {
      episode.resume(connection);
    } else {
      episode = new Episode(member, connection, this.context, (phase, copied) =>
        this.context.onRejoin(member, phase, copied),
      );
      this.episodes.set(member, episode);
    }
    return episode;
  }

  private async standings(reachable: readonly Surveyed[]): Promise<Standing[]> {
    const remembering = reachable.filter(({ marker }) => marker === 'valid').length;
    // emptiness takes a walk over the key space: only looked at when copying is out of the question
    const mayCopy = remembering >= sourcesNeeded(this.context.situation().groupSize);
    return Promise.all(
      reachable.map(async ({ member, marker }) => ({
        index: member.index,
        marker,
        isEmpty: !mayCopy && (await holdsNothing(member, this.context.keys).catch(() => false)),
      })),
    );
  }

  private watchScene(reachable: readonly Surveyed[]): void {
    const signature = reachable
      .map(({ connection }) => connection.facts.incarnation)
      .sort()
      .join();
    if (signature !== this.scene.signature) this.scene = { signature, since: this.context.clock.now() };
  }

  private announce(kind: 'form' | 'adopt' | 'merge' | 'halted', reachable: number): void {
    const text = `${kind} ${this.scene.signature}`;
    // members that are a moment late at a first start are no reason for alarm
    const isSettled = this.context.clock.now() - this.scene.since >= this.context.maxOperationTime;
    if (kind === 'form' || !isSettled || this.announced === text) return;
    this.announced = text;
    const wait = `one maximal lease (${this.context.leaseMax} ms)`;
    const { onGroup } = this.context;
    if (kind === 'adopt') {
      onGroup('total-loss', `${reachable} members are reachable and all are empty: they are the group after ${wait}`);
    } else if (kind === 'merge') {
      onGroup('majority-restart', `too few members remember: going on with what all hold together after ${wait}`);
    } else {
      onGroup('halted', 'too few members remember, and onMajorityRestart is "halt": an operator must decide');
    }
  }
}
