import { Subject } from 'rxjs';
import { InvalidOptionsError, NoQuorumError, type MemberReport } from '../errors.js';
import { Inbox } from '../member/inbox.js';
import { Member, type MemberListener } from '../member/member.js';
import { createTransport, nodeName } from '../member/node-transport.js';
import type { NodeOptions } from '../member/node-options.js';
import type { Script } from '../member/script.js';
import type { Connection, Transport } from '../member/transport.js';
import type { VoteArgument, VotingScript } from '../member/vote-request.js';
import type { Clock } from '../runtime/clock.js';
import type { Random } from '../runtime/random.js';
import { FanOut, type FanOutContext, type FanOutListener, type Judge } from './fan-out.js';
import { GroupKeys } from './group-keys.js';
import type { GroupEvent, GroupStatus } from './group-status.js';
import { homeOrder } from './home-order.js';
import { HybridClock } from './hybrid-clock.js';
import { markerEnd, partitionPrefix } from './partition-space.js';
import { PreferredQuorum, type QuorumChoice } from './preferred-quorum.js';
import { RejoinKeeper } from './rejoin-keeper.js';
import type { ResolvedGroupOptions } from './resolve-group-options.js';
import type { Restorer } from './restorer.js';
import { preflight, survey } from './survey.js';
import { quorumOf } from './tally.js';

/** ms after which a caller that met no quorum may try again: a member is back after about two operation times. */
export const noQuorumRetry = 200;

/** How a node is reached; a simulation has its own network. */
export type TransportTo = (option: string, node: NodeOptions, keyPrefix: string) => Transport;

/**
 * The members of one group and what all protocols share: fan-out, home order, inboxes, rejoin, events. Where the group is
 * split into partitions, this is one of them, which knows nothing of the others.
 */
export class Group implements FanOutContext, MemberListener {
  readonly groupSize: number;
  readonly quorum: number;
  readonly maxOperationTime: number;
  readonly clientId: string;
  readonly keys: GroupKeys;
  readonly members: readonly Member[];
  readonly hybridClock: HybridClock;
  readonly events = new Subject<GroupEvent>();
  readonly restorers: Restorer[] = [];
  /** Scripts that members shall know before they vote: a first use by EVAL would overtake later requests. */
  readonly votingScripts: Script[] = [];
  private readonly preferred: PreferredQuorum<Member>;
  private readonly inboxes: readonly Inbox[];
  private readonly keeper: RejoinKeeper;
  private readonly waiting = new Set<() => void>();
  private sameServer: string | undefined;
  /** By index of the member, how many partitions other clients that use it have, where it is not as many as here. */
  private readonly others = new Map<number, number>();
  /** Whether this client has seen it vote. */
  private isKnown = false;
  private hadQuorum = false;
  private isClosed = false;

  constructor(
    readonly options: ResolvedGroupOptions,
    /** ms; the longest lease that any protocol of any client of this group gives. */
    readonly leaseMax: number,
    readonly clock: Clock,
    readonly random: Random,
    transportTo: TransportTo = createTransport,
    /** Which of the group's partitions this is. */
    readonly partition = 0,
  ) {
    this.groupSize = options.groupSize;
    this.quorum = quorumOf(options.groupSize);
    this.maxOperationTime = options.maxOperationTime;
    this.clientId = random.id();
    const keyPrefix = partitionPrefix(options.keyPrefix, partition, options.partitions);
    this.keys = new GroupKeys(keyPrefix);
    this.hybridClock = new HybridClock(clock);
    const { requestTimeout, maxInFlight } = options;
    const probeTimeout = Math.min(options.connectTimeout, Math.max(1000, 2 * requestTimeout));
    const limits = { requestTimeout, maxInFlight, probeTimeout, markerEnd: markerEnd(options.partitions) };
    const names = new Set<string>();
    this.members = options.nodes.map((node, index) => {
      const given = nodeName(node);
      const name = given && !names.has(given) ? given : `redis-${index + 1}`;
      names.add(name);
      const transport = transportTo(`nodes[${index}]`, node, keyPrefix);
      return new Member(index, name, transport, this.keys.marker, clock, random, limits, this);
    });
    this.preferred = new PreferredQuorum(keyPrefix, this.members, this.quorum, clock);
    const channel = this.keys.inbox(this.clientId);
    this.inboxes = this.members.map(({ transport }) => new Inbox(channel, transport, clock, probeTimeout));
    this.keeper = new RejoinKeeper({
      keys: this.keys,
      partitions: options.partitions,
      onOthers: (member, connection, partitions) => this.onOthers(member, connection, partitions),
      newTicket: () => `${this.clientId}.${random.id()}`,
      isOwnTicket: (ticket) => ticket.startsWith(`${this.clientId}.`),
      clock,
      restorers: this.restorers,
      members: this.members,
      leaseMax,
      maxOperationTime: options.maxOperationTime,
      situation: () => ({ groupSize: this.groupSize, policy: options.onMajorityRestart, isKnown: this.isKnown }),
      onRejoin: (member, phase, copied) => this.events.next({ type: 'rejoin', member: member.name, phase, copied }),
      onGroup: (event, detail) => this.events.next({ type: 'group', event, detail }),
    });
  }

  get partitions(): number {
    return this.options.partitions;
  }

  get memberCount(): number {
    return this.members.length;
  }

  get votingCount(): number {
    return this.members.reduce((count, { state }) => count + (state === 'voting' ? 1 : 0), 0);
  }

  now(): number {
    return this.clock.now();
  }

  /**
   * Connects. Resolves as soon as a quorum votes, or, when a quorum is reachable but has to be brought back first, after
   * `connectTimeout`.
   *
   * @throws NoQuorumError when no quorum is reachable within `connectTimeout`, or at once when it cannot help to wait
   * (wrong password, missing permission); InvalidOptionsError when two nodes are the same server
   */
  async start(): Promise<void> {
    for (const member of this.members) member.open();
    const deadline = this.now() + this.options.connectTimeout;
    while (this.votingCount < this.quorum) {
      if (this.sameServer !== undefined) {
        throw new InvalidOptionsError('nodes', 'independent servers', this.sameServer);
      }
      if (this.others.size > this.groupSize - this.quorum) {
        const allowed = `${[...this.others.values()][0]}, as in the other clients of this group`;
        throw new InvalidOptionsError('partitions', allowed, String(this.partitions));
      }
      const hopeful = this.members.filter(({ hasPermanentError }) => !hasPermanentError).length;
      const left = deadline - this.now();
      const areAllTried = this.members.every(({ connection, failedAttempts }) => connection || failedAttempts > 0);
      if ((hopeful < this.quorum && areAllTried) || left <= 0) {
        if (this.members.filter(({ connection }) => connection).length >= this.quorum) return;
        throw this.noQuorum(`start of group "${this.options.name}"`, this.reports());
      }
      await this.nextChange(left);
    }
  }

  /** Ends all connections of ours. What is in flight fails with `closed`. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.keeper.close();
    for (const inbox of this.inboxes) inbox.close();
    for (const member of this.members) member.close();
    this.events.complete();
  }

  /**
   * One request to all voting members at once.
   *
   * @param listener told of each answer, also of those that come after the decision
   * @param choice who is asked first; the others only if that does not decide
   */
  fanOut(
    votingScript: VotingScript,
    keys: readonly string[],
    args: readonly VoteArgument[],
    judge: Judge,
    listener?: FanOutListener,
    choice?: QuorumChoice<Member>,
  ): FanOut {
    const fanOut = new FanOut(this, votingScript, keys, args, judge, listener);
    return choice ? fanOut.ask(choice.first, choice.rest) : fanOut.ask(this.members);
  }

  /** The quorum to ask first; undefined when all members should be asked at once. */
  chooseQuorum(): QuorumChoice<Member> | undefined {
    return this.preferred.choose();
  }

  /** One request to one member; undefined when it has no vote to give. */
  ask(
    member: Member,
    votingScript: VotingScript,
    keys: readonly string[],
    args: readonly VoteArgument[],
    weight?: number,
  ): Promise<unknown> {
    return new Promise((resolve) => {
      const sink = {
        onReply: (_: number, reply: unknown) => resolve(reply),
        onFailure: () => resolve(undefined),
      };
      member.submit({ votingScript, keys, args, weight, sink });
    });
  }

  /** Voting members in the order in which they are home of a name. */
  homesOf(name: string): Member[] {
    return homeOrder(
      name,
      this.members.filter(({ state }) => state === 'voting'),
    );
  }

  /** As `homesOf()`, for what is asked of the preferred quorum first: its home is one of these, so that home knows of it. */
  lockHomesOf(name: string): Member[] {
    return this.preferred.homesOf(name);
  }

  inboxAt(member: Member): Inbox {
    return this.inboxes[member.index]!;
  }

  noQuorum(attempted: string, members: readonly MemberReport[], cause?: unknown): NoQuorumError {
    const where = this.partitions === 1 ? '' : ` (partition ${this.partition})`;
    return new NoQuorumError(attempted + where, this.quorum, this.groupSize, members, noQuorumRetry, { cause });
  }

  /** How each member stands, for errors. */
  reports(): MemberReport[] {
    return this.members.map(({ name, state, reason }) => ({
      member: name,
      said: reason ? `${state} (${reason})` : state,
    }));
  }

  status(): GroupStatus {
    const voting = this.votingCount;
    return {
      name: this.options.name,
      groupSize: this.groupSize,
      quorum: this.quorum,
      voting,
      hasQuorum: voting >= this.quorum,
      members: this.members.map((member) => ({
        name: member.name,
        address: member.transport.address,
        state: member.state,
        reason: member.reason || undefined,
        incarnation: member.incarnation,
        // what it took while it answered says nothing of one that does not
        roundTripMs: member.state === 'down' || member.state === 'suspect' ? undefined : member.roundTripMs,
        inFlight: member.pendingRequests,
        votes: { answered: member.votes.answered, missing: member.votes.missing },
        rejoin: member.state === 'rejoining' ? this.keeper.progressOf(member) : undefined,
      })),
    };
  }

  /**
   * Asks each member once, so that one that hangs or forgot is found out though nobody asks it for a vote. Takes no
   * longer than `requestTimeout`.
   *
   * @returns the state after it; round-trip times are those of these answers
   */
  async check(): Promise<GroupStatus> {
    const times = await Promise.all(
      this.members.map(async (member) => {
        const askedAt = this.now();
        const found = await survey(member, this);
        if (found && found.marker !== 'valid') member.demote(found.connection, 'it forgot: no valid marker');
        return found && this.now() - askedAt;
      }),
    );
    const status = this.status();
    return { ...status, members: status.members.map((member, i) => ({ ...member, roundTripMs: times[i] })) };
  }

  onState(member: Member): void {
    if (this.isClosed) return;
    this.preferred.forget();
    const { name, state, reason } = member;
    if (state === 'voting') this.others.delete(member.index);
    if (state === 'down' || state === 'suspect') this.inboxes[member.index]?.reset();
    if (state === 'rejoining') this.keeper.kick();
    this.events.next({ type: 'member', member: name, state, reason: reason || undefined });
    this.tellOfQuorum();
    this.changed();
  }

  /** The first quorum is no news: it is the start. */
  private tellOfQuorum(): void {
    const hasQuorum = this.votingCount >= this.quorum;
    if (hasQuorum === this.hadQuorum) return;
    this.hadQuorum = hasQuorum;
    const detail = `${this.votingCount} of ${this.groupSize} members vote, ${this.quorum} are needed`;
    if (this.isKnown) this.events.next({ type: 'group', event: hasQuorum ? 'quorum-regained' : 'quorum-lost', detail });
    this.isKnown = true;
  }

  /** @internal */
  onOthers(member: Member, connection: Connection, partitions: number): void {
    this.others.set(member.index, partitions);
    member.reject(connection, `other clients use it with partitions ${partitions}, this one with ${this.partitions}`);
    this.changed();
  }

  onConnected(member: Member, connection: Connection): void {
    const twin = this.members.find((other) => other !== member && other.incarnation === member.incarnation);
    if (twin) {
      this.sameServer ??= `the same server twice: ${twin.name} and ${member.name}`;
      member.reject(connection, `it is the same server as ${twin.name}`);
      return this.changed();
    }
    const { evictionPolicy } = connection.facts;
    if (evictionPolicy !== undefined && evictionPolicy !== 'noeviction') {
      const message = `maxmemory-policy is ${evictionPolicy}: it may evict locks; set noeviction`;
      this.events.next({ type: 'warning', member: member.name, message });
    }
    // a Redis Cluster may serve its keys from another master than when this was opened
    this.inboxes[member.index]?.reset();
    void this.prepare(member, connection);
  }

  private async prepare(member: Member, connection: Connection): Promise<void> {
    try {
      const missing = await preflight(member, this.keys, this.keys.inbox(this.clientId));
      if (missing !== undefined) return member.reject(connection, missing);
      for (const script of this.votingScripts) await member.call(script, [this.keys.marker], [0]);
      this.keeper.kick();
    } catch (error) {
      member.reject(connection, error instanceof Error ? error.message : String(error));
    } finally {
      this.changed();
    }
  }

  private changed(): void {
    for (const wake of this.waiting) wake();
  }

  private nextChange(timeout: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel();
        this.waiting.delete(done);
        resolve();
      };
      const timer = this.clock.schedule(timeout, done);
      this.waiting.add(done);
    });
  }
}
