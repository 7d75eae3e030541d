import { describe, expect, it } from 'vitest';
import type { QuorumKvService } from '../../../lib/kv/quorum-kv.service.js';
import { CallerIds } from '../../../lib/queue/caller-ids.js';
import { MemberClock } from '../../../lib/queue/member-clock.js';
import { messageIdPattern, MessageIds } from '../../../lib/queue/message-ids.js';
import type { Putter } from '../../../lib/queue/putter.js';
import { systemRandom } from '../../../lib/runtime/random.js';
import { FakeQueueRequests } from '../../support/fake-queue-requests.js';

interface Claim {
  message: string;
  digest: string;
  isPut: boolean;
}

/** Registers in memory: what callers' ids need of them. A test can step in between two of their steps. */
class Registers {
  readonly values = new Map<string, Claim>();
  readonly ttls: unknown[] = [];
  /** Runs before each step, with its name. */
  before: (step: string) => void | Promise<void> = () => undefined;

  async get(key: string): Promise<Claim | null> {
    await this.before('get');
    return this.values.get(key) ?? null;
  }

  async set(key: string, value: Claim, { ttl }: { ifAbsent: true; ttl: number }): Promise<void> {
    await this.before('set');
    this.ttls.push(ttl);
    if (!this.values.has(key)) this.values.set(key, value);
  }

  async compareAndSet(key: string, expected: Claim, next: Claim): Promise<boolean> {
    await this.before('compareAndSet');
    if (JSON.stringify(this.values.get(key)) !== JSON.stringify(expected)) return false;
    this.values.set(key, next);
    return true;
  }

  async delete(key: string): Promise<boolean> {
    return this.values.delete(key);
  }
}

function create() {
  const fake = new FakeQueueRequests();
  const clock = new MemberClock(fake.clock, 1);
  clock.note(0, 1_732_345_678_901_237);
  const registers = new Registers();
  const callerIds = new CallerIds(fake.requests.group, registers as unknown as QuorumKvService, clock, 'mail', 60_000);
  const ids = new MessageIds(clock, systemRandom);
  /** What a quorum has, with the record it was put with first. */
  const stored = new Map<string, string>();
  const tooOld = new Set<string>();
  const putter = {
    newId: async () => ids.next(),
    putUnder: async (id: string, record: string) => {
      if (tooOld.has(id) && !stored.has(id)) return false;
      if (!stored.has(id)) stored.set(id, record);
      return true;
    },
    noQuorum: () => new Error('no quorum'),
  } as unknown as Putter;
  const put = (record = 'record') => callerIds.put('order-7', record, 0, putter);
  const claim = () => [...registers.values.values()][0]!;
  return { fake, registers, callerIds, putter, put, stored, tooOld, claim };
}

describe('CallerIds', () => {
  it('puts one message, and says of each later put that it is a duplicate', async () => {
    const { put, stored, claim, registers } = create();
    expect(await put()).toBe(false);
    expect(await put()).toBe(true);
    expect(await put('another record')).toBe(true);
    expect([...stored.values()]).toEqual(['record']);
    expect(claim()).toMatchObject({ message: [...stored.keys()][0], isPut: true });
    expect(claim().message).toMatch(messageIdPattern);
    expect(registers.ttls).toEqual([60_000]);
  });

  it('makes one message of many puts at once, and tells one producer that it is new', async () => {
    const { put, stored } = create();
    const duplicates = await Promise.all(Array.from({ length: 20 }, () => put()));
    expect(duplicates.filter((isDuplicate) => !isDuplicate)).toHaveLength(1);
    expect(stored.size).toBe(1);
  });

  it('finishes what another producer claimed and did not put, when it is the same', async () => {
    const { put, registers, stored, claim } = create();
    await put();
    const left = { ...claim(), isPut: false };
    registers.values.set([...registers.values.keys()][0]!, left);
    stored.clear();
    expect(await put()).toBe(true);
    expect([...stored.keys()]).toEqual([left.message]);
    expect(claim()).toEqual({ ...left, isPut: true });
  });

  it.each([
    ['of now', 0],
    ['from a clock that is an hour ahead', 3_600_000_000],
  ])(
    'never gives one message two contents: it waits for the producer of one %s, then takes the id over',
    async (_, ahead) => {
      const { put, registers, fake, stored, claim } = create();
      await put('one');
      const message = `${Number(claim().message.slice(0, 16)) + ahead}-leftXXXX`;
      registers.values.set([...registers.values.keys()][0]!, { ...claim(), message, isPut: false });
      stored.clear();
      let ended: boolean | undefined;
      void put('two').then((isDuplicate) => (ended = isDuplicate));
      await fake.clock.advance(1900);
      expect(ended).toBeUndefined();
      await fake.clock.advance(200);
      expect(ended).toBe(false);
      expect(claim().message).not.toBe(message);
      expect([...stored]).toEqual([[claim().message, 'two']]);
    },
  );

  it('claims another message when the claimed one is too old to be put', async () => {
    const { put, tooOld, registers, stored, claim } = create();
    let first = '';
    registers.before = (step) => {
      if (step === 'get' && registers.values.size > 0 && first === '') tooOld.add((first = claim().message));
    };
    expect(await put()).toBe(false);
    expect(claim().message).not.toBe(first);
    expect([...stored.keys()]).toEqual([claim().message]);
  });

  it('gives up when every one is too old', async () => {
    const { put, tooOld, registers, claim } = create();
    registers.before = () => {
      if (registers.values.size > 0) tooOld.add(claim().message);
    };
    await expect(put()).rejects.toThrow('no quorum');
  });

  it('does not resolve a put whose message lost the id to one that is not put yet', async () => {
    const { put, registers, stored, claim } = create();
    const key = () => [...registers.values.keys()][0]!;
    let stolen: Claim | undefined;
    registers.before = (step) => {
      // another producer found ours too old and dies before it puts its own
      if (step === 'compareAndSet' && !stolen) {
        stolen = { ...claim(), message: '1732345678901238-stolenXX' };
        registers.values.set(key(), stolen);
      }
    };
    await put();
    expect(claim()).toMatchObject({ message: stolen!.message, isPut: true });
    expect(stored.has(claim().message)).toBe(true);
  });

  it('lets a leased message have the id that is claimed for one that was never put', async () => {
    const { put, registers, callerIds, putter, claim } = create();
    await put();
    registers.values.set([...registers.values.keys()][0]!, { ...claim(), isPut: false });
    expect(await callerIds.isCurrent('order-7', '1732345678901239-leasedXX', 'record', putter)).toBe(true);
    expect(claim()).toMatchObject({ message: '1732345678901239-leasedXX', isPut: true });
    expect(await put()).toBe(true);
  });

  it('tells a leased message that another has the id', async () => {
    const { put, callerIds, putter, claim } = create();
    await put();
    expect(await callerIds.isCurrent('order-7', '1732345678901239-leasedXX', 'record', putter)).toBe(false);
    expect(await callerIds.isCurrent('order-7', claim().message, 'record', putter)).toBe(true);
    expect(await callerIds.isCurrent('forgotten', '1732345678901239-leasedXX', 'record', putter)).toBe(true);
  });

  it('does not let a message have the id that stands on too few members to be safe', async () => {
    const { put, registers, callerIds, putter, tooOld, claim } = create();
    await put();
    registers.values.set([...registers.values.keys()][0]!, { ...claim(), isPut: false });
    tooOld.add('1732345678901239-leasedXX');
    const asked = callerIds.isCurrent('order-7', '1732345678901239-leasedXX', 'record', putter);
    await expect(asked).rejects.toThrow('no quorum');
    expect(claim().isPut).toBe(false);
  });

  it('knows the message of an id until it is forgotten, and keeps queues and ids apart', async () => {
    const { put, callerIds, registers, fake, claim } = create();
    await put();
    expect(await callerIds.messageOf('order-7')).toBe(claim().message);
    expect(await callerIds.messageOf('order-8')).toBeUndefined();
    const clock = new MemberClock(fake.clock, 1);
    const other = new CallerIds(fake.requests.group, registers as unknown as QuorumKvService, clock, 'mail order', 1);
    expect(await other.messageOf('-7')).toBeUndefined();
    await callerIds.forget('order-7');
    expect(await callerIds.messageOf('order-7')).toBeUndefined();
  });
});
