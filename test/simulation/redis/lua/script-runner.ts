import type { Bytes } from '../bytes.js';
import type { CommandContext } from '../commands/command.js';
import { runCommand } from '../commands/run-command.js';
import { formatNumber } from '../numbers.js';
import { isError, isStatus, type Reply } from '../reply.js';
import { Interpreter, luaType } from './interpreter.js';
import { sandbox } from './sandbox.js';

/**
 * Runs scripts as a Redis server does. One for all servers of a process: a script cannot leave anything behind, so each
 * is compiled once.
 */
export class ScriptRunner {
  private readonly lua = new Interpreter();
  private readonly chunks = new Map<Bytes, number>();
  /** The server for which a script runs now. */
  private context: CommandContext | undefined;

  constructor() {
    const { lua } = this;
    lua.pushTable(0, 2);
    lua.pushFunction((count) => this.onCall(count, true));
    lua.setField('call');
    lua.pushFunction((count) => this.onCall(count, false));
    lua.setField('pcall');
    lua.setGlobal('redis');
    for (const name of ['KEYS', 'ARGV']) {
      lua.pushTable(0, 0);
      lua.setGlobal(name);
    }
    lua.push(lua.compile(sandbox, '=sandbox') as number);
    lua.call(0, 0);
  }

  run(context: CommandContext, source: Bytes, keys: readonly Bytes[], args: readonly Bytes[]): Reply {
    const { lua } = this;
    const chunk = this.chunks.get(source) ?? lua.compile(source, '@user_script');
    if (typeof chunk === 'string') return { err: `ERR Error compiling script (new function): ${chunk}` };
    this.chunks.set(source, chunk);
    this.setList('KEYS', keys);
    this.setList('ARGV', args);
    this.context = context;
    lua.push(chunk);
    const isFine = lua.call(0, 1);
    const reply = isFine ? this.readReply() : { err: this.readFailure() };
    lua.pop(1);
    return reply;
  }

  private setList(name: string, values: readonly Bytes[]): void {
    const { lua } = this;
    lua.pushTable(values.length, 0);
    for (let i = 0; i < values.length; i++) {
      lua.pushText(values[i]!);
      lua.setItem(i + 1);
    }
    lua.setGlobal(name);
  }

  /** `redis.call` and `redis.pcall`. */
  private onCall(count: number, isRaising: boolean): number {
    const { lua } = this;
    const words: Bytes[] = [];
    for (let i = 1; i <= count; i++) {
      const type = lua.typeAt(i);
      if (type === luaType.string) words.push(lua.text(i));
      else if (type === luaType.number) words.push(formatNumber(lua.number(i)));
      else {
        this.pushReply({ err: 'ERR Lua redis lib command arguments must be strings or integers' });
        return isRaising ? lua.raise() : 1;
      }
    }
    const [name = '', ...args] = words;
    const reply = runCommand(this.context!, name, args);
    this.pushReply(reply);
    return isRaising && isError(reply) ? lua.raise() : 1;
  }

  private pushReply(reply: Reply): void {
    const { lua } = this;
    if (typeof reply === 'string') lua.pushText(reply);
    else if (typeof reply === 'number') lua.pushNumber(reply);
    else if (reply === null) lua.pushFalse();
    else if (isStatus(reply) || isError(reply)) {
      lua.pushTable(0, 1);
      lua.pushText(isStatus(reply) ? reply.ok : reply.err);
      lua.setField(isStatus(reply) ? 'ok' : 'err');
    } else {
      lua.pushTable(reply.length, 0);
      for (let i = 0; i < reply.length; i++) {
        this.pushReply(reply[i]!);
        lua.setItem(i + 1);
      }
    }
  }

  /** What is on top, as Redis answers it: numbers lose their fraction, true is 1, an array ends at its first nil. */
  private readReply(): Reply {
    const { lua } = this;
    switch (lua.typeAt(-1)) {
      case luaType.string:
        return lua.text(-1);
      case luaType.number:
        return Math.trunc(lua.number(-1));
      case luaType.boolean:
        return lua.boolean(-1) ? 1 : null;
      case luaType.table:
        return this.readTable();
      default:
        return null;
    }
  }

  private readTable(): Reply {
    const err = this.readTextField('err');
    if (err !== undefined) return { err };
    const ok = this.readTextField('ok');
    if (ok !== undefined) return { ok };
    const items: Reply[] = [];
    for (let position = 1; ; position++) {
      this.lua.pushItem(position);
      const isEnd = this.lua.typeAt(-1) === luaType.nil;
      if (!isEnd) items.push(this.readReply());
      this.lua.pop(1);
      if (isEnd) return items;
    }
  }

  private readTextField(name: string): Bytes | undefined {
    this.lua.pushField(name);
    const text = this.lua.typeAt(-1) === luaType.string ? this.lua.text(-1) : undefined;
    this.lua.pop(1);
    return text;
  }

  /** A raised error is a text, or the table that `redis.call` raises. */
  private readFailure(): Bytes {
    const failure = this.lua.typeAt(-1) === luaType.table ? this.readTextField('err') : this.lua.text(-1);
    return /^[A-Z]+ /.test(failure ?? '') ? failure! : `ERR ${failure}`;
  }
}
