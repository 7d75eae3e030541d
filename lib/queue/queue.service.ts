import { inspect, type InspectOptions } from 'node:util';
import type { Observable } from 'rxjs';
import { InvalidOptionsError } from '../errors.js';
import type { QuorumKvService } from '../kv/quorum-kv.service.js';
import { checkKnown, nameOwner, show } from '../options/checks.js';
import type { Partitions } from '../quorum/partitions.js';
import { listNames } from './list-names.js';
import { createMemberTime, type MemberTime } from './member-time.js';
import { messageIdPattern } from './message-ids.js';
import { Queue } from './queue-handle.js';
import type { DeadLetter, Delivery, MessageState, MessageToPut, PutOptions, PutReceipt, QueueSize } from './queue.js';
import type { ConsumeOptions, DeadLetterPage, GetOptions, PurgeOptions, QueueDefaults } from './queue-options.js';
import { MessageViews } from './message-views.js';
import { pauseKey } from './pause-watch.js';
import { QueueRequests, registerQueueScripts } from './queue-requests.js';
import {
  checkCallerId,
  checkQueueName,
  putNames,
  resolveConsumeOptions,
  resolveGetOptions,
  resolveKnownPutOptions,
  resolvePage,
  resolvePurge,
  resolvePutOptions,
  resolveQueueDefaults,
  type ResolvedQueueModuleOptions,
} from './resolve-queue-options.js';
import { closingError, WorkQueue } from './work-queue.js';
import { shownAs } from '../runtime/shown-as.js';

/** Most messages of one `putAll()`. */
const messagesMax = 10_000;
const messageNames: readonly string[] = ['body', ...putNames];

/**
 * Work queues, by majority vote: a message whose put resolved survives the loss of any minority of the members, one
 * consumer holds it at a time, and once acknowledged it is never delivered again. Injectable with Nest; also given by
 * `connectMajorityRedis()`. All methods throw `InvalidOptionsError` for bad input before anything is sent, and
 * `NoQuorumError` when fewer than a quorum can vote.
 *
 * @see docs/guides/queue.md, docs/protocols/queue.md
 */
export class QueueService {
  private readonly queues = new Map<string, WorkQueue>();
  private readonly ownDefaults = new Map<string, QueueDefaults>();
  /** By partition. */
  private readonly times: readonly MemberTime[];
  private isClosed = false;

  /** @internal made by `connectMajorityRedis()` */
  constructor(
    private readonly partitions: Partitions,
    private readonly module: ResolvedQueueModuleOptions,
    /** By partition: a queue's registers are where its messages are. */
    private readonly registers: readonly QuorumKvService[],
  ) {
    this.times = partitions.groups.map(({ clock, random, quorum }) => createMemberTime(clock, random, quorum));
    for (const group of partitions.groups) registerQueueScripts(group);
  }

  /**
   * Sets what holds for one queue in this client unless a call says otherwise. Before the queue is used first.
   *
   * @throws InvalidOptionsError also when the queue was used or defined before
   */
  define(queue: string, defaults: QueueDefaults = {}): void {
    const name = checkQueueName(queue);
    nameOwner(`queue ${show(name)}`, () => resolveQueueDefaults(this.module, defaults));
    if (this.queues.has(name) || this.ownDefaults.has(name)) {
      throw new InvalidOptionsError('queue', 'a queue that was neither defined nor used before', show(name));
    }
    this.ownDefaults.set(name, { ...defaults });
  }

  /**
   * One queue with its name filled in: what `@InjectQueue()` injects.
   *
   * @throws InvalidOptionsError for a bad name
   */
  of<T = unknown>(queue: string): Queue<T> {
    return new Queue<T>(this, checkQueueName(queue));
  }

  /**
   * Puts a message; resolves once a quorum has it. When it throws `NoQuorumError` it is not known whether it will be
   * delivered: put it again with an `id` of your own to be sure that there is one.
   *
   * @param body what JSON or the queue's codec carries; `Buffer` and `Uint8Array` as they are
   */
  put(queue: string, body: unknown, options?: PutOptions): Promise<PutReceipt> {
    // one promise from here to the members' answers: each further one costs as much as encoding the message
    return new Promise((resolve, reject) => {
      const work = this.workOf(queue);
      const message = work.encode(body, resolvePutOptions(work.defaults, options));
      work.putAll([message], ([receipt]) => resolve(receipt!), reject);
    });
  }

  /**
   * Puts many messages, which travel together. Each is decided on its own: when some fail it rejects with the first
   * error, and the others are in the queue.
   *
   * @param messages up to 10,000
   */
  async putAll(queue: string, messages: readonly MessageToPut[]): Promise<PutReceipt[]> {
    const work = this.workOf(queue);
    if (!Array.isArray(messages) || messages.length > messagesMax) {
      throw new InvalidOptionsError('messages', `an array of up to ${messagesMax} messages`, show(messages));
    }
    // all are checked before the first is sent
    const checked = Array.from(messages, (message: MessageToPut, index) => {
      const which = `messages[${index}]`;
      checkKnown(which, message ?? null, messageNames);
      return nameOwner(which, () => work.encode(message.body, resolveKnownPutOptions(work.defaults, message)));
    });
    return new Promise((resolve, reject) => work.putAll(checked, resolve, reject));
  }

  /**
   * Leases up to `count` messages, waiting for the first one up to `waitFor`. Their leases are extended in the
   * background until they are settled.
   *
   * @returns none when there is none, or the queue is paused
   */
  async get<T = unknown>(queue: string, options?: GetOptions): Promise<Delivery<T>[]> {
    const work = this.workOf(queue);
    const terms = resolveGetOptions(work.defaults, this.module.leaseMax, options);
    return (await work.get(terms)) as Delivery<T>[];
  }

  /**
   * Messages as they become ready. Cold: each subscription is a consumer of its own. At most `concurrency` deliveries
   * are out and not settled. It never completes, and members that fail only cost time; unsubscribing leases no more,
   * gives back what was not handed out, and after `drainTimeout` what was not settled.
   */
  consume<T = unknown>(queue: string, options?: ConsumeOptions): Observable<Delivery<T>> {
    const work = this.workOf(queue);
    return work.consume<T>(resolveConsumeOptions(work.defaults, this.module.leaseMax, options));
  }

  /** How many messages there are: of each figure the median of what the members say. */
  async size(queue: string): Promise<QueueSize> {
    return this.viewsOf(queue).size();
  }

  /**
   * How long the message that is handed out next has been in the queue: ms since it was put, or null when none is ready.
   * The median of what the members say.
   */
  async headAge(queue: string): Promise<number | null> {
    return this.viewsOf(queue).headAge();
  }

  /**
   * Names of all queues that a message was ever put into, by quorum, sorted: of those whose messages are all done or
   * removed, too.
   */
  async names(): Promise<string[]> {
    const lists = await Promise.all(this.partitions.groups.map(listNames));
    return lists.length === 1 ? lists[0]! : lists.flat().sort();
  }

  /**
   * What has become of a message.
   *
   * @param id the caller's or the message's own
   * @throws NoQuorumError when fewer than a quorum can tell; InvalidOptionsError
   */
  async state(queue: string, id: string): Promise<MessageState> {
    const work = this.workOf(queue);
    const message = await this.messageOf(work, id);
    return message === undefined ? 'unknown' : work.views.stateOf(message);
  }

  /**
   * Removes a message that nobody holds; a caller's id can then be used again.
   *
   * @param id the caller's or the message's own
   * @returns whether there was one and it is removed: false also when it is leased
   */
  async remove(queue: string, id: string): Promise<boolean> {
    const work = this.workOf(queue);
    const message = await this.messageOf(work, id);
    if (message === undefined) return false;
    const [removed] = await work.views.remove([message]);
    if (removed !== undefined && message !== id) await work.callerIds.forget(id);
    return removed !== undefined;
  }

  /** Removes all messages but those that are leased. @returns how many */
  async purge(queue: string, options?: PurgeOptions): Promise<number> {
    return this.workOf(queue).views.purge(resolvePurge(options));
  }

  /** Messages that were given up, the oldest first. */
  async deadLetters<T = unknown>(queue: string, page?: DeadLetterPage): Promise<DeadLetter<T>[]> {
    const work = this.workOf(queue);
    const { offset, limit } = resolvePage(page);
    return (await work.views.deadLetters(offset, limit, work.defaults.codec)) as DeadLetter<T>[];
  }

  /**
   * Makes dead letters ready again, with all their attempts before them.
   *
   * @param ids callers' or messages' own; all when left out
   * @returns how many
   */
  async redrive(queue: string, ids?: readonly string[]): Promise<number> {
    const work = this.workOf(queue);
    if (ids === undefined) return work.views.redrive();
    if (!Array.isArray(ids) || ids.length > messagesMax) {
      throw new InvalidOptionsError('ids', `an array of up to ${messagesMax} ids`, show(ids));
    }
    const messages = await Promise.all(ids.map((id: string) => this.messageOf(work, id)));
    return work.views.redrive(messages.filter((message) => message !== undefined));
  }

  /** No consumer of any client gets a message until `resume()`; what is out can be settled. */
  async pause(queue: string): Promise<void> {
    await this.workOf(queue).pause();
  }

  /** Ends `pause()`. @throws NoQuorumError; InvalidOptionsError */
  async resume(queue: string): Promise<void> {
    await this.workOf(queue).resume();
  }

  /** Whether the queue is paused. @throws NoQuorumError; InvalidOptionsError */
  async isPaused(queue: string): Promise<boolean> {
    const name = checkQueueName(queue);
    return this.registers[this.partitions.indexOf(name)]!.exists(pauseKey(name));
  }

  /** @internal Stops leasing, and gives back what is held. */
  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all([...this.queues.values()].map((work) => work.close()));
  }

  private workOf(queue: string): WorkQueue {
    const name = checkQueueName(queue);
    if (this.isClosed) throw closingError(this.partitions, name);
    let work = this.queues.get(name);
    if (!work) {
      const defaults = resolveQueueDefaults(this.module, this.ownDefaults.get(name));
      const index = this.partitions.indexOf(name);
      const parts = [this.module, this.registers[index]!, this.times[index]!] as const;
      work = new WorkQueue(this.partitions.groups[index]!, name, defaults, ...parts);
      this.queues.set(name, work);
    }
    return work;
  }

  /** To look at a queue is not to use it: it can still be defined, and needs no work in the background. */
  private viewsOf(queue: string): MessageViews {
    const name = checkQueueName(queue);
    if (this.isClosed) throw closingError(this.partitions, name);
    return this.queues.get(name)?.views ?? new MessageViews(new QueueRequests(this.partitions.of(name), name));
  }

  private async messageOf(work: WorkQueue, id: string): Promise<string | undefined> {
    const isOwn = typeof id === 'string' && messageIdPattern.test(id);
    return isOwn ? id : work.callerIds.messageOf(checkCallerId(id));
  }

  /** @internal */
  [inspect.custom](_depth: number, options: InspectOptions): string {
    return shownAs('QueueService', { group: this.partitions.name, queues: [...this.queues.keys()] }, options);
  }
}
