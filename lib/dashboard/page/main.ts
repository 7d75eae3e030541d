import 'uplot/dist/uPlot.min.css';
import type { Hello } from '../wire.js';
import { Connection, type ConnectionState } from './connection.js';
import type { Context } from './context.js';
import { byId, h, setAttribute, setText } from './dom.js';
import { EventsSection } from './events-section.js';
import { KeysSection } from './keys-section.js';
import { LocksSection } from './locks-section.js';
import { MembersSection } from './members-section.js';
import { QueuesSection } from './queues-section.js';

const announce = (text: string): void => setText(byId('announcer'), text);
const members = new MembersSection(announce);
const locks = new LocksSection(showOthers);
const events = new EventsSection();
let context: (Context & { hello: Hello }) | undefined;
let queues: QueuesSection | undefined;
let keys: KeysSection | undefined;

const connection = new Connection(
  {
    hello: onHello,
    status: (status) => {
      members.update(status);
      keys?.updateQuorum(status.hasQuorum);
    },
    event: (event) => events.add(event),
    locks: (list) => locks.update(list),
    queues: (list) => queues?.update(list),
  },
  () => ({ locks: locks.prefix, queues: queues?.prefix ?? '' }),
  onState,
);
const select = byId<HTMLSelectElement>('group');
select.addEventListener('change', () => connection.open(select.value));
connection.open(undefined);

function onHello(hello: Hello): void {
  const before = context?.hello;
  if (before && (before.actions !== hello.actions || before.values !== hello.values)) return location.reload();
  showGroups(hello);
  events.reset(hello.events);
  if (context) {
    context.hello = hello;
    if (before?.group !== hello.group) {
      locks.clear();
      queues?.clear();
      keys?.clear();
    }
    return;
  }
  context = { hello, announce };
  queues = new QueuesSection(context, showOthers);
  keys = new KeysSection(context);
}

function showGroups({ groups, group }: Hello): void {
  select.replaceChildren(...groups.map((name) => h('option', { value: name }, name)));
  select.value = group;
  select.parentElement!.hidden = groups.length < 2;
}

/** Locks or queues with other beginnings. */
function showOthers(): void {
  connection.open(context?.hello.group);
}

function onState(state: ConnectionState): void {
  const words = { connecting: 'Connecting …', live: 'Live', lost: 'Connection lost, trying again …' };
  setText(byId('connection'), words[state]);
  setAttribute(byId('connection'), 'data-state', state);
  document.body.classList.toggle('lost', state === 'lost');
}
