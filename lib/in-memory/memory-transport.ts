import type { Connection, Subscription, Transport } from '../member/transport.js';
import type { MemoryMember } from './memory-member.js';

/** How an in-memory member is reached. Every answer comes in a later turn, as over a network. */
export class MemoryTransport implements Transport {
  readonly address: string;

  constructor(private readonly member: MemoryMember) {
    this.address = `in-memory:${member.name}`;
  }

  mapKey(key: string): string {
    return key;
  }

  async connect(_timeout: number, onClosed: (reason: string) => void): Promise<Connection> {
    const { member } = this;
    const socket = member.open(onClosed);
    const check = (): void => {
      if (!socket.isOpen) throw new Error('connection closed');
    };
    return {
      facts: { incarnation: member.incarnation },
      async evaluate(script, keys, args) {
        check();
        return member.evaluate(script, keys, args);
      },
      async *scan(pattern) {
        check();
        yield member.scan(pattern);
      },
      close: () => socket.close(),
    };
  }

  async subscribe(
    channel: string,
    _timeout: number,
    onMessage: (message: string) => void,
    onClosed: (reason: string) => void,
  ): Promise<Subscription> {
    const socket = this.member.open(onClosed);
    const end = this.member.subscribe(channel, onMessage);
    return {
      close() {
        end();
        socket.close();
      },
    };
  }
}
