import type { Clock, Timer } from '../runtime/clock.js';
import type { Random } from '../runtime/random.js';
import { flatten } from './flatten.js';
import { Lane } from './lane.js';
import type { Script } from './script.js';
import { InFlight } from './in-flight.js';
import type { Argument, Connection, Transport } from './transport.js';
import type { MemberState } from './member-state.js';
import type { VoteRequest } from './vote-request.js';

/** Bounds of one member's traffic. */
export interface MemberLimits {
  /** ms a call may take before the member is suspect. */
  readonly requestTimeout: number;
  /** ms a connection attempt, which is also the probe of a suspect member, may take. */
  readonly probeTimeout: number;
  /** Requests gathered and out; more fail at once. */
  readonly maxInFlight: number;
  /** What follows the `run_id` in its marker. */
  readonly markerEnd: string;
}

/** Who is told of a member's life. */
export interface MemberListener {
  /** A new connection. It does not vote until it is admitted. */
  onConnected(member: Member, connection: Connection): void;
  onState(member: Member): void;
}

type Link =
  | { readonly kind: 'none'; readonly state: 'suspect' | 'down'; readonly reason: string }
  | { readonly kind: 'open'; readonly connection: Connection; state: 'voting' | 'rejoining'; reason: string };

/** Part of `maxInFlight` that a member may keep waiting that answers nothing: they would only pile up until it is suspect. */
const stalledFraction = 0.1;
/** Nothing was answered for this many ms and round trips: others are asked as well by who asked no more than a quorum. */
const slowAfter = 10;
const slowRoundTrips = 4;
const reconnectMin = 25;
const reconnectMax = 1000;
const permanentError =
  /WRONGPASS|NOAUTH|NOPERM|ACL failure|is too old|unknown (\w+ )?command|invalid password|certificate|can't (run|access|publish)/i;
const unusableServer = /^(READONLY|LOADING|MASTERDOWN|MOVED|ASK|TRYAGAIN|CLUSTERDOWN)\b/;

/** One Redis server as this client knows it: its connection, whether it votes, and what is out to it. */
export class Member {
  private link: Link = { kind: 'none', state: 'down', reason: 'not connected yet' };
  private readonly lane: Lane;
  private readonly inFlight: InFlight;
  private requests = 0;
  private readonly counted = { answered: 0, missing: 0 };
  private attempts = 0;
  private retry: Timer | undefined;
  private isClosed = false;
  private roundTrip: number | undefined;
  private readonly markerKey: string;
  private readonly stalledMax: number;

  constructor(
    /** Position in `nodes`; votes are counted by it. */
    readonly index: number,
    readonly name: string,
    readonly transport: Transport,
    markerKey: string,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly limits: MemberLimits,
    private readonly listener: MemberListener,
  ) {
    this.markerKey = transport.mapKey(markerKey);
    this.stalledMax = Math.ceil(limits.maxInFlight * stalledFraction);
    this.lane = new Lane(clock, this.send);
    this.inFlight = new InFlight(
      clock,
      limits.requestTimeout,
      () => slowAfter + slowRoundTrips * (this.roundTrip ?? 0),
      () => this.suspect(),
    );
  }

  get state(): MemberState {
    return this.link.state;
  }

  /** Why it does not vote; empty while it does. */
  get reason(): string {
    return this.link.reason;
  }

  get connection(): Connection | undefined {
    return this.link.kind === 'open' ? this.link.connection : undefined;
  }

  /** `run_id` of the server behind the open connection. */
  get incarnation(): string | undefined {
    return this.connection?.facts.incarnation;
  }

  /** Whether it has not answered for longer than it takes as a rule. */
  get isSlow(): boolean {
    return this.inFlight.isSlow;
  }

  /** Smoothed, ms; undefined before the first answer. */
  get roundTripMs(): number | undefined {
    return this.roundTrip;
  }

  /** Requests gathered and out. */
  get pendingRequests(): number {
    return this.requests;
  }

  /** Votes asked of it so far: those it answered, and those that stay missing. */
  get votes(): { readonly answered: number; readonly missing: number } {
    return this.counted;
  }

  /** Failed connection attempts since it was last connected. */
  get failedAttempts(): number {
    return this.attempts;
  }

  /** Whether trying again cannot help: a wrong password, a missing permission or command, a server that is too old. */
  get hasPermanentError(): boolean {
    return this.link.kind === 'none' && permanentError.test(this.link.reason);
  }

  open(): void {
    void this.connect();
  }

  close(): void {
    this.isClosed = true;
    this.retry?.cancel();
    this.unlink('down', 'closed');
  }

  /** Its marker was seen valid through this connection: its answers count from now on. */
  admit(through: Connection): void {
    if (this.link.kind !== 'open' || this.link.connection !== through) return;
    this.attempts = 0;
    if (this.link.state === 'voting') return;
    this.link.state = 'voting';
    this.link.reason = '';
    this.listener.onState(this);
  }

  /** It forgot, or is not known to remember: it does not vote until admitted. */
  demote(through: Connection, reason: string): void {
    if (this.link.kind !== 'open' || this.link.connection !== through) return;
    this.attempts = 0;
    const wasVoting = this.link.state === 'voting';
    this.link.state = 'rejoining';
    this.link.reason = reason;
    if (wasVoting) this.listener.onState(this);
  }

  /** It cannot be used through this connection (a missing permission, say): closes it and tries again later. */
  reject(through: Connection, reason: string): void {
    if (this.connection !== through) return;
    this.attempts += 1;
    this.unlink('down', reason);
    this.reconnectLater();
  }

  /** Asks for one vote, after those asked for before; the sink gets exactly one reply or failure, never before this call returns. */
  submit(request: VoteRequest): void {
    if (this.link.state !== 'voting') return this.refuse(request, this.link.state);
    if (this.requests >= this.stalledMax && (this.inFlight.isStalled || this.requests >= this.limits.maxInFlight)) {
      return this.refuse(request, `busy (${this.requests} requests in flight)`);
    }
    this.requests += 1;
    this.lane.add(request);
  }

  /**
   * One script call outside the batches, whatever the state as long as there is a connection.
   *
   * @throws Error with what the server or the network said, or that it took over `requestTimeout`
   */
  call(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const { connection } = this;
    if (!connection) return Promise.reject(new Error(this.link.reason));
    const mapped = keys.map((key) => this.transport.mapKey(key));
    return this.inTime(connection, connection.evaluate(script, mapped, [this.markerOf(connection), ...args]));
  }

  /**
   * Pages of keys that match the glob pattern, as the member stores them.
   *
   * @throws Error with what the server or the network said, or that a page took over `requestTimeout`
   */
  async *scan(pattern: string): AsyncGenerator<readonly string[]> {
    const { connection } = this;
    if (!connection) throw new Error(this.link.reason);
    const pages = connection.scan(pattern)[Symbol.asyncIterator]();
    for (;;) {
      const page = await this.inTime(connection, pages.next());
      if (page.done) return;
      yield page.value;
    }
  }

  private readonly send = (batch: VoteRequest[], onSettled: () => void): void => {
    const { connection } = this;
    if (!connection) {
      onSettled();
      return this.fail(batch, this.link.state);
    }
    let isSettled = false;
    const settle = (deliver: () => void): void => {
      if (isSettled) return;
      isSettled = true;
      this.inFlight.settle(call);
      onSettled();
      deliver();
    };
    const tellSlow = (): void => batch.forEach(({ sink }) => sink.onSlow?.(this.index));
    const call = this.inFlight.add((said) => settle(() => this.fail(batch, said)), tellSlow);
    // it turned slow after these were asked for
    if (this.inFlight.isSlow) tellSlow();
    const sentAt = this.clock.now();
    this.cast(connection, batch, (error, reply) => {
      settle(() => (error ? this.onCallError(batch, error) : this.deliver(connection, batch, reply, sentAt)));
    });
  };

  private cast(
    connection: Connection,
    batch: readonly VoteRequest[],
    onDone: (error: Error | null, reply?: unknown) => void,
  ): void {
    const marker = this.markerOf(connection);
    if (connection.cast) return connection.cast(this.markerKey, marker, batch, onDone);
    const { transport } = this;
    const { keys, args } = flatten(this.markerKey, marker, batch, (key) => transport.mapKey(key));
    connection.evaluate(batch[0]!.votingScript.script, keys, args).then((reply) => onDone(null, reply), onDone);
  }

  private deliver(through: Connection, batch: VoteRequest[], reply: unknown, sentAt: number): void {
    const elapsed = this.clock.now() - sentAt;
    this.roundTrip = this.roundTrip === undefined ? elapsed : this.roundTrip * 0.9 + elapsed * 0.1;
    if (reply === 'REJOIN') {
      this.demote(through, 'it forgot: no valid marker');
      return this.fail(batch, 'rejoining');
    }
    const count = typeof reply === 'string' ? countWords(reply) : Array.isArray(reply) ? reply.length : -1;
    if (count !== batch.length) return this.fail(batch, 'an unreadable reply');
    this.requests -= count;
    this.counted.answered += count;
    if (typeof reply === 'string') this.deliverWords(batch, reply);
    else for (let i = 0; i < count; i++) batch[i]!.sink.onReply(this.index, (reply as unknown[])[i]);
    empty(batch);
  }

  /** Mostly a word is as the one before it, whose text then serves again. */
  private deliverWords(batch: readonly VoteRequest[], reply: string): void {
    let word: string | undefined;
    let start = 0;
    for (const { sink } of batch) {
      if (word === undefined || !isWordAt(reply, start, word)) {
        const end = reply.indexOf(' ', start);
        word = reply.slice(start, end < 0 ? reply.length : end);
      }
      start += word.length + 1;
      sink.onReply(this.index, word);
    }
  }

  private onCallError(batch: VoteRequest[], error: Error): void {
    this.fail(batch, error.message);
    if (unusableServer.test(error.message)) {
      this.unlink('down', error.message);
      this.reconnectLater();
    }
  }

  private fail(batch: VoteRequest[], said: string): void {
    this.requests -= batch.length;
    this.counted.missing += batch.length;
    for (const { sink } of batch) sink.onFailure(this.index, said);
    empty(batch);
  }

  private refuse({ sink }: VoteRequest, said: string): void {
    this.counted.missing += 1;
    this.clock.afterTurn(() => sink.onFailure(this.index, said));
  }

  private suspect(): void {
    this.unlink('suspect', this.noReply());
    this.reconnectLater();
  }

  /** What its marker says while it may vote: the `run_id`, and of how many partitions this is one if of several. */
  private markerOf({ facts }: Connection): string {
    return facts.incarnation + this.limits.markerEnd;
  }

  /** Waits for an answer as long as a call may take. */
  private inTime<T>(through: Connection, answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const call = this.inFlight.add((said) => reject(new Error(said)));
      const fail = (error: Error): void => {
        reject(error);
        // a member that does not vote is only looked at: no vote would find out
        if (unusableServer.test(error.message)) this.reject(through, error.message);
      };
      answer.then(resolve, fail).finally(() => this.inFlight.settle(call));
    });
  }

  private noReply(): string {
    return `no reply in ${this.limits.requestTimeout} ms`;
  }

  private async connect(): Promise<void> {
    let opened: Connection | undefined;
    try {
      opened = await this.transport.connect(this.limits.probeTimeout, (reason) => this.onClosed(opened, reason));
    } catch (error) {
      const reason = error instanceof Error ? error.message || error.name : String(error);
      if (this.isClosed) return;
      this.attempts += 1;
      this.unlink(/^no (reply|connection) in/.test(reason) ? 'suspect' : 'down', reason);
      return this.reconnectLater();
    }
    if (this.isClosed) return opened.close();
    this.link = { kind: 'open', connection: opened, state: 'rejoining', reason: 'its marker was not checked yet' };
    this.listener.onConnected(this, opened);
  }

  private onClosed(connection: Connection | undefined, reason: string): void {
    // one that was closed because its first steps failed was never ours, and the attempt itself tells why it failed
    if (connection === undefined || this.connection !== connection || this.isClosed) return;
    this.unlink('down', reason);
    this.reconnectLater();
  }

  private unlink(state: 'suspect' | 'down', reason: string): void {
    const { link } = this;
    this.link = { kind: 'none', state, reason };
    if (link.kind === 'open') link.connection.close();
    this.inFlight.abandon(reason);
    this.fail(this.lane.drain(), state);
    if (link.state !== state || link.reason !== reason) this.listener.onState(this);
  }

  private reconnectLater(): void {
    if (this.isClosed) return;
    const delay = Math.min(reconnectMax, reconnectMin * 2 ** Math.min(this.attempts, 10));
    this.retry?.cancel();
    this.retry = this.clock.schedule(delay * (0.5 + this.random.fraction() / 2), () => void this.connect());
  }
}

/**
 * Lets go of requests that are answered. V8 makes lists that are made all the time long-lived at once; what a dead one
 * holds would be kept, and copied, until all memory is searched.
 */
function empty(batch: VoteRequest[]): void {
  batch.length = 0;
}

function countWords(reply: string): number {
  let count = 1;
  for (let at = reply.indexOf(' '); at >= 0; at = reply.indexOf(' ', at + 1)) count += 1;
  return count;
}

function isWordAt(reply: string, start: number, word: string): boolean {
  const end = start + word.length;
  return reply.startsWith(word, start) && (end === reply.length || reply[end] === ' ');
}
