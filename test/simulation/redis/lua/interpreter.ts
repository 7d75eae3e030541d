import { LuaApi } from 'wasmoon-lua5.1';
import type { Bytes } from '../bytes.js';

/** What we use of Lua's own C interface; pointers and states are numbers. */
interface LuaFunctions {
  readonly HEAPU8: Uint8Array;
  readonly HEAPU32: Uint32Array;
  addFunction(callback: (state: number) => number, signature: string): number;
  _malloc(size: number): number;
  _luaL_newstate(): number;
  _luaL_openlibs(state: number): void;
  _luaL_loadbuffer(state: number, source: number, size: number, name: number): number;
  _luaL_ref(state: number, table: number): number;
  _lua_checkstack(state: number, size: number): number;
  _lua_createtable(state: number, arraySize: number, fieldCount: number): void;
  _lua_error(state: number): number;
  _lua_getfield(state: number, index: number, name: number): void;
  _lua_gettop(state: number): number;
  _lua_pcall(state: number, argumentCount: number, resultCount: number, handler: number): number;
  _lua_pushboolean(state: number, value: number): void;
  _lua_pushcclosure(state: number, callback: number, upvalues: number): void;
  _lua_pushlstring(state: number, text: number, size: number): void;
  _lua_pushnumber(state: number, value: number): void;
  _lua_rawgeti(state: number, index: number, position: number): void;
  _lua_rawseti(state: number, index: number, position: number): void;
  _lua_setfield(state: number, index: number, name: number): void;
  _lua_settop(state: number, top: number): void;
  _lua_toboolean(state: number, index: number): number;
  _lua_tolstring(state: number, index: number, size: number): number;
  _lua_tonumber(state: number, index: number): number;
  _lua_type(state: number, index: number): number;
}

/** Methods that every Buffer has and its types leave out: they skip the choice of an encoding. */
interface LatinBuffer {
  latin1Slice(start: number, end: number): string;
  latin1Write(text: string, offset: number): number;
}

export const luaType = { nil: 0, boolean: 1, number: 3, string: 4, table: 5 } as const;

const registry = -10_000;
const globals = -10_002;
const scratchSize = 1 << 16;

const lua = (await LuaApi.initialize()).module as unknown as LuaFunctions;

/** One Lua 5.1 state, by the operations that the bridge to Redis needs. Texts are bytes. */
export class Interpreter {
  private readonly state: number;
  private readonly names = new Map<string, number>();
  private readonly sizeAt = lua._malloc(8);
  private scratch = lua._malloc(scratchSize);
  private capacity = scratchSize;
  private heap = Buffer.alloc(0);

  constructor() {
    this.state = lua._luaL_newstate();
    lua._luaL_openlibs(this.state);
  }

  /** Compiles a chunk once. @returns what `push()` finds it by, or Lua's own text when it does not compile */
  compile(source: Bytes, chunkName: string): number | Bytes {
    this.write(source);
    if (lua._luaL_loadbuffer(this.state, this.scratch, source.length, this.name(chunkName)) !== 0) {
      const message = this.text(-1);
      this.pop(1);
      return message;
    }
    return lua._luaL_ref(this.state, registry);
  }

  push(reference: number): void {
    lua._lua_rawgeti(this.state, registry, reference);
  }

  /** Calls what was pushed before its arguments. @returns whether it went well; otherwise the error is on top */
  call(argumentCount: number, resultCount: number): boolean {
    return lua._lua_pcall(this.state, argumentCount, resultCount, 0) === 0;
  }

  /** Ends a function of ours with the error that is on top. */
  raise(): number {
    return lua._lua_error(this.state);
  }

  /** Makes a function of ours known; it is given the number of its arguments and answers with that of its results. */
  pushFunction(callback: (argumentCount: number) => number): void {
    const pointer = lua.addFunction(() => callback(lua._lua_gettop(this.state)), 'ii');
    lua._lua_pushcclosure(this.state, pointer, 0);
  }

  pushText(text: Bytes): void {
    this.write(text);
    lua._lua_pushlstring(this.state, this.scratch, text.length);
  }

  pushNumber(value: number): void {
    lua._lua_pushnumber(this.state, value);
  }

  pushFalse(): void {
    lua._lua_pushboolean(this.state, 0);
  }

  pushTable(arraySize: number, fieldCount: number): void {
    lua._lua_checkstack(this.state, 4);
    lua._lua_createtable(this.state, arraySize, fieldCount);
  }

  /** Takes the top into the table below it. */
  setItem(position: number): void {
    lua._lua_rawseti(this.state, -2, position);
  }

  setField(name: string): void {
    lua._lua_setfield(this.state, -2, this.name(name));
  }

  setGlobal(name: string): void {
    lua._lua_setfield(this.state, globals, this.name(name));
  }

  pushItem(position: number): void {
    lua._lua_checkstack(this.state, 4);
    lua._lua_rawgeti(this.state, -1, position);
  }

  pushField(name: string): void {
    lua._lua_getfield(this.state, -1, this.name(name));
  }

  typeAt(index: number): number {
    return lua._lua_type(this.state, index);
  }

  /** A number becomes text in its place, as Lua itself writes it. */
  text(index: number): Bytes {
    const start = lua._lua_tolstring(this.state, index, this.sizeAt);
    return this.memory().latin1Slice(start, start + lua.HEAPU32[this.sizeAt >> 2]!);
  }

  number(index: number): number {
    return lua._lua_tonumber(this.state, index);
  }

  boolean(index: number): boolean {
    return lua._lua_toboolean(this.state, index) !== 0;
  }

  pop(count: number): void {
    lua._lua_settop(this.state, -count - 1);
  }

  private write(text: Bytes): void {
    if (text.length > this.capacity) {
      this.capacity = 2 * text.length;
      this.scratch = lua._malloc(this.capacity);
    }
    this.memory().latin1Write(text, this.scratch);
  }

  /** Lua's memory, which moves when it grows. */
  private memory(): LatinBuffer {
    const { buffer } = lua.HEAPU8;
    if (this.heap.buffer !== buffer) this.heap = Buffer.from(buffer as ArrayBuffer) as typeof this.heap;
    return this.heap as unknown as LatinBuffer;
  }

  /** A C string that stays where it is: names of globals and fields are few. */
  private name(name: string): number {
    let pointer = this.names.get(name);
    if (pointer === undefined) {
      pointer = lua._malloc(name.length + 1);
      this.memory().latin1Write(`${name}\0`, pointer);
      this.names.set(name, pointer);
    }
    return pointer;
  }
}
