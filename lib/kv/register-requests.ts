import type { VotingScript } from '../member/vote-request.js';
import { FanOut, type FanOutListener, type Judge } from '../quorum/fan-out.js';
import type { Group } from '../quorum/group.js';
import { loadVotingScript } from '../quorum/scripts.js';
import type { MemberReport } from '../errors.js';
import type { RegisterKeys } from './register-keys.js';
import { ballotText, promiseSpans } from './register.js';

const registers = loadVotingScript(new URL('./lua/registers.lua', import.meta.url));
const reading: VotingScript = {
  script: loadVotingScript(new URL('./lua/read.lua', import.meta.url)),
  header: [],
  isRead: true,
};

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
  private readonly votingScript: VotingScript;

  constructor(
    readonly group: Group,
    readonly keys: RegisterKeys,
  ) {
    this.votingScript = {
      script: registers,
      keys: [keys.due, keys.floor, keys.listened],
      header: [promiseSpans * group.maxOperationTime],
    };
    for (const script of [registers, reading.script]) {
      if (!group.votingScripts.includes(script)) group.votingScripts.push(script);
    }
  }

  read(key: string, listener: PhaseListener): FanOut {
    return this.toAll(this.create([], [this.keys.record(key)], judgeRead, listener, undefined, reading));
  }

  prepare(key: string, ballot: number, listener: PhaseListener): FanOut {
    return this.toAll(this.create([`01 P${ballotText(ballot)}`], [this.keys.record(key)], judgePrepare, listener));
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
    const text = `02 A${ballotText(next)}${ballotText(ballot)}${content}`;
    return this.create([text], this.stored(key), judgeAccept, listener, startedAt);
  }

  writeBack(key: string, ballot: number, content: string): FanOut {
    return this.toAll(this.create([`02 W${ballotText(ballot)}${content}`], this.stored(key), judgeAccept));
  }

  /** @param act `?` to ask whether the tombstone may go, `!` to remove it */
  forget(key: string, ballot: number, act: '?' | '!'): FanOut {
    return this.toAll(this.create([`01 F${ballotText(ballot)}${act}`], [this.keys.record(key)], judgeAccept));
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
    return [this.keys.record(key), this.keys.listeners(key)];
  }

  private create(
    args: string[],
    keys: string[],
    judgeReply: Judge,
    listener?: PhaseListener,
    startedAt?: number,
    votingScript = this.votingScript,
  ): FanOut {
    return new FanOut(this.group, votingScript, keys, args, judgeReply, listener as FanOutListener, startedAt);
  }

  private toAll(fanOut: FanOut): FanOut {
    return fanOut.ask(this.group.members);
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
