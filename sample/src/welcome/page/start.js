// @ts-check
// The buttons of the start page. What they do can be done with curl as well: see docs/start.md.

/** @typedef {{ name: string, state: string, rejoin?: { phase: string }, server?: { state: 'running' | 'frozen' | 'stopped' } }} Member */
/** @typedef {{ members: Member[], voting: number, groupSize: number, quorum: number, hasQuorum: boolean }} Group */
/** @typedef {{ isRunning: boolean, done: number, refused: number, inDoubt: number, failed: number, broken: number, lastError?: string }} Load */

/** What can be done to a server in each state. @type {Record<string, string[]>} */
const actions = { running: ['kill', 'freeze', 'restart'], frozen: ['thaw', 'kill'], stopped: ['start'] };
/** @type {Record<string, string>} */
const loadNames = { locks: 'Locks', kv: 'Counters', queue: 'Queue' };
const refreshEvery = 1000;

const news = byId('news');
const checked = byId('checked');
const servers = byId('servers');
const loads = byId('load');
const said = byId('said');
/** When each load's rounds were counted last, for its rate. @type {Map<string, { done: number, at: number, rate: number | undefined }>} */
const counted = new Map();
/** Whether the quorum was lost once, so that it is news that all votes again. */
let wasLost = false;

byId('origin').textContent = location.origin;
fitDashboard(/** @type {HTMLIFrameElement} */ (byId('dashboard')));
void refreshForEver();

async function refreshForEver() {
  for (;;) {
    await refresh().catch(() => (said.textContent = 'The shop does not answer.'));
    await new Promise((resolve) => setTimeout(resolve, refreshEvery));
  }
}

async function refresh() {
  const [group, load] = await Promise.all([ask('/members'), ask('/load')]);
  const embedded = /** @type {Group} */ (group).members.filter(({ server }) => server !== undefined);
  tell(group, Object.values(load));
  show(servers, embedded.map(serverItem));
  if (embedded.length === 0) servers.textContent = 'These are your own (REDIS_NODES): stop and start them yourself.';
  show(loads, Object.entries(load).map(loadItem));
  if (said.textContent === 'The shop does not answer.') said.textContent = '';
}

/**
 * What the state of the group means for the shop, in a sentence or two.
 *
 * @param {Group} group
 * @param {Load[]} load
 */
function tell({ members, voting, groupSize, quorum, hasQuorum }, load) {
  const rejoining = members.filter(({ state }) => state === 'rejoining');
  const names = rejoining.map(({ name }) => name).join(', ');
  const phase = rejoining[0]?.rejoin ? `: ${rejoining[0].rejoin.phase}` : '';
  const spare = voting - quorum;
  let state = 'good';
  let text;
  if (!hasQuorum) {
    state = 'bad';
    wasLost = true;
    const what = `${voting} of ${groupSize} servers vote, and ${quorum} are needed: locks, orders and counts are refused`;
    const kept = 'Nothing is granted by guess; it goes on by itself when enough are back.';
    const back = `${names} came back empty and may not vote yet${phase}.`;
    text = `${what}. ${rejoining.length > 0 ? back : kept}`;
  } else if (voting < groupSize) {
    state = 'degraded';
    const back = rejoining.length > 0 ? ` ${names} came back empty: first the others tell what it has to know.` : '';
    const left = spare === 0 ? 'With one less nothing would be granted.' : `${spare} more may go.`;
    text = `${voting} of ${groupSize} servers vote, ${quorum} are needed: everything goes on. ${left}${back}`;
  } else if (wasLost) {
    text = `All ${groupSize} servers vote again. Locks, orders and counts went on by themselves.`;
  } else if (load.some(({ isRunning }) => isRunning)) {
    text = `All ${groupSize} servers vote. Kill or freeze one, then another: nothing stops as long as ${quorum} are left.`;
  } else {
    text = `All ${groupSize} servers vote. Start some load, then kill or freeze servers.`;
  }
  if (news.textContent !== text) news.textContent = text;
  news.dataset.state = state;
  const rounds = load.reduce((sum, { done }) => sum + done, 0);
  const broken = load.reduce((sum, one) => sum + one.broken, 0);
  checked.dataset.state = broken === 0 ? '' : 'bad';
  checked.textContent =
    broken === 0
      ? rounds === 0
        ? ''
        : 'Checked with each round: no lock was held twice, no count was lost. What is refused is tried again.' +
          (load.some(({ inDoubt }) => inDoubt > 0)
            ? ' In doubt: its servers died on the way; done or not, but not twice.'
            : '')
      : `${broken} counts were lost: servers that keep nothing on disk were gone at once with what only they held. ` +
        `${load.find((one) => one.broken > 0)?.lastError ?? ''}`;
}

/** @param {Member} member */
function serverItem({ name, server, state: vote }) {
  const state = server?.state ?? 'stopped';
  const buttons = (actions[state] ?? []).map((action) => ({
    label: action,
    path: `/members/${encodeURIComponent(name)}/${action}`,
  }));
  // a process that runs again does not vote at once
  const text = state === 'running' && vote !== 'voting' ? `running, ${vote}` : state;
  return { name, text, state: text === state ? state : 'frozen', buttons };
}

/** @param {[string, Load]} load */
function loadItem([kind, { isRunning, done, refused, inDoubt, failed }]) {
  const action = isRunning ? 'stop' : 'start';
  const rate = isRunning ? rateOf(kind, done) : undefined;
  const parts = [`${done} done`];
  if (rate !== undefined) parts.unshift(`${rate}/s`);
  if (refused > 0) parts.push(`${refused} refused`);
  if (inDoubt > 0) parts.push(`${inDoubt} in doubt`);
  if (failed > 0) parts.push(`${failed} failed`);
  const text = isRunning || done > 0 ? parts.join(', ') : 'off';
  const name = loadNames[kind] ?? kind;
  return {
    name,
    text,
    state: rate === 0 ? 'stopped' : '',
    buttons: [{ label: action, path: `/load/${kind}/${action}` }],
  };
}

/**
 * Rounds a second since the last look.
 *
 * @param {string} kind
 * @param {number} done
 */
function rateOf(kind, done) {
  const now = performance.now();
  const last = counted.get(kind);
  // a look right after a press would count too short a time
  if (last && done >= last.done && now - last.at < refreshEvery / 2) return last.rate;
  const rate = last && done >= last.done ? Math.round(((done - last.done) * 1000) / (now - last.at)) : undefined;
  counted.set(kind, { done, at: now, rate });
  return rate;
}

/**
 * Items that are kept as they are while nothing changes but their text, so that the focus stays.
 *
 * @param {HTMLElement} list
 * @param {{ name: string, text: string, state: string, buttons: { label: string, path: string }[] }[]} items
 */
function show(list, items) {
  items.forEach(({ name, text, state, buttons }, index) => {
    const shape = JSON.stringify([name, buttons]);
    let item = /** @type {HTMLElement | undefined} */ (list.children[index]);
    if (item?.dataset.shape !== shape) {
      const label = item?.contains(document.activeElement) ? document.activeElement?.textContent : undefined;
      const fresh = createItem(name, buttons);
      fresh.dataset.shape = shape;
      if (item) item.replaceWith(fresh);
      else list.append(fresh);
      item = fresh;
      // the button that was pressed has become another one
      if (label !== undefined) item.querySelector('button')?.focus();
    }
    const value = /** @type {HTMLElement} */ (item.querySelector('span'));
    value.textContent = text;
    value.dataset.state = state;
  });
}

/**
 * @param {string} name
 * @param {{ label: string, path: string }[]} buttons
 */
function createItem(name, buttons) {
  const item = document.createElement('li');
  const title = document.createElement('b');
  title.textContent = name;
  item.append(title, document.createElement('span'));
  for (const { label, path } of buttons) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = label;
    button.setAttribute('aria-label', `${label} ${name}`);
    button.addEventListener('click', () => void press(button, path));
    item.append(button);
  }
  return item;
}

/**
 * @param {HTMLButtonElement} button
 * @param {string} path
 */
async function press(button, path) {
  if (button.getAttribute('aria-disabled') === 'true') return;
  button.setAttribute('aria-disabled', 'true');
  said.textContent = '';
  try {
    await ask(path, 'POST');
    await refresh();
  } catch (error) {
    said.textContent = error instanceof Error ? error.message : String(error);
  } finally {
    button.removeAttribute('aria-disabled');
  }
}

/**
 * @param {string} path
 * @param {string} [method]
 */
async function ask(path, method = 'GET') {
  const response = await fetch(path, { method });
  const answer = await response.json();
  if (response.ok) return answer;
  throw new Error(answer.message ?? `The shop answered ${response.status}`);
}

/** As high as what it shows, so that there is one scroll bar. @param {HTMLIFrameElement} frame */
function fitDashboard(frame) {
  const fit = () => {
    const body = frame.contentDocument?.body;
    if (!body) return;
    new ResizeObserver(() => {
      frame.style.height = `${body.scrollHeight + 1}px`;
    }).observe(body);
  };
  frame.addEventListener('load', fit);
  if (frame.contentDocument?.readyState === 'complete') fit();
}

/** @param {string} id */
function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}
