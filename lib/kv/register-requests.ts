import type { VoteRequest } from '../member/vote-request.js';
import { FanOut, type Judge } from '../quorum/fan-out.js';
import type { Group } from '../quorum/group.js';
import { loadVotingScript } from '../quorum/scripts.js';
import type { MemberReport } from '../errors.js';
import type { RegisterKeys } from './register-keys.js';
import { ballotText, promiseSpans } from './register.js';

const registers = loadVotingScript(new URL('./lua/registers.lua', import.meta.url));

const judgePrepare: Judge = (reply) => judge(reply, 'P');
const judgeAccept: Judge = (reply) => judge(reply, 'A');
const judgeRead: Judge = (reply) => (typeof reply === 'string' ? 'grant' : 'fail');

/** Where a fan-out of one phase tells each answer, also those after the decision. */
export interface PhaseListener {
  onReply(memberIndex: number, reply: string): void;
  onFailure(memberIndex: number): void;
}

/** The register protocol's requests to the members. */
export class RegisterRequests {
  private readonly votingScript: VoteRequest['votingScript'];

  constructor(
    readonly group: Group,
    readonly keys: RegisterKeys,
  ) {
    this.votingScript = { script: registers, header: [promiseSpans * group.maxOperationTime] };
    if (!group.votingScripts.includes(registers)) group.votingScripts.push(registers);
  }

  read(key: string, listener: PhaseListener): FanOut {
    return this.toAll(this.create(['01 G'], [this.keys.record(key)], judgeRead, listener));
  }

  prepare(key: string, ballot: number, listener: PhaseListener): FanOut {
    const text = `02 P${ballotText(ballot)}`;
    return this.toAll(this.create([text], [this.keys.record(key), this.keys.floor], judgePrepare, listener));
  }

  /** Not sent yet: only members whose promise is counted may get it. @param startedAt of the prepare that it goes on */
  accept(
    key: string,
    ballot: number,
    next: number,
    content: string,
    startedAt: number,
    listener?: PhaseListener,
  ): FanOut {
    const text = `03 A${ballotText(ballot)}${ballotText(next)}${content}`;
    return this.create([text], this.stored(key), judgeAccept, listener, startedAt);
  }

  writeBack(key: string, ballot: number, content: string): FanOut {
    const text = `04 W${ballotText(ballot)}${content}`;
    return this.toAll(this.create([text], [...this.stored(key), this.keys.floor], judgeAccept));
  }

  /** @param act `?` to ask whether the tombstone may go, `!` to remove it */
  forget(key: string, ballot: number, act: '?' | '!'): FanOut {
    const keys = [this.keys.record(key), this.keys.due, this.keys.floor];
    return this.toAll(this.create([`03 F${ballotText(ballot)}${act}`], keys, judgeAccept));
  }

  listen(key: string, lease: number, who: string): FanOut {
    return this.toAll(this.create([`01 L${lease} ${who}`], [this.keys.listeners(key)], judgeAccept));
  }

  unlisten(key: string, who: string): FanOut {
    return this.toAll(this.create([`01 U${who}`], [this.keys.listeners(key)], judgeAccept));
  }

  /** What each member said, for errors. */
  reports({ answers }: FanOut): MemberReport[] {
    return this.group.members.map(({ name }, index) => {
      const answer = answers[index];
      if (!answer) return { member: name, said: 'no answer yet' };
      return {
        member: name,
        said: answer.kind === 'failure' ? answer.said : (words[String(answer.reply)[0]!] ?? 'voted'),
      };
    });
  }

  private stored(key: string): string[] {
    return [this.keys.record(key), this.keys.due, this.keys.listeners(key)];
  }

  private create(
    args: string[],
    keys: string[],
    judgeReply: Judge,
    listener?: PhaseListener,
    startedAt?: number,
  ): FanOut {
    return new FanOut(
      this.group,
      this.votingScript,
      keys,
      args,
      judgeReply,
      {
        onReply: (index, reply) => listener?.onReply(index, reply as string),
        onFailure: (index) => listener?.onFailure(index),
      },
      startedAt,
    );
  }

  private toAll(fanOut: FanOut): FanOut {
    for (const member of this.group.members) member.submit(fanOut);
    return fanOut;
  }
}

const words: Record<string, string> = {
  P: 'promised',
  A: 'accepted',
  S: 'promised to another',
  R: 'promised to another',
  C: 'refused a ballot over a day ahead',
};

function judge(reply: unknown, granted: string): 'grant' | 'refuse' | 'fail' {
  if (typeof reply !== 'string') return 'fail';
  return reply.startsWith(granted) ? 'grant' : 'refuse';
}
