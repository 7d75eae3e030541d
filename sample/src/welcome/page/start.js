// @ts-check
// The buttons of the start page. What they do can be done with curl as well: see docs/start.md.

/** @typedef {{ name: string, server?: { state: 'running' | 'frozen' | 'stopped' } }} Member */
/** @typedef {{ isRunning: boolean, done: number, failed: number, lastError?: string }} Load */

/** What can be done to a server in each state. @type {Record<string, string[]>} */
const actions = { running: ['kill', 'freeze', 'restart'], frozen: ['thaw', 'kill'], stopped: ['start'] };
/** @type {Record<string, string>} */
const loadNames = { locks: 'Locks', kv: 'Counters', queue: 'Queue' };
const refreshEvery = 1000;

const servers = byId('servers');
const loads = byId('load');
const said = byId('said');
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
  const embedded = /** @type {Member[]} */ (group.members).filter(({ server }) => server !== undefined);
  show(servers, embedded.map(serverItem));
  if (embedded.length === 0) servers.textContent = 'These are your own (REDIS_NODES): stop and start them yourself.';
  show(loads, Object.entries(load).map(loadItem));
  if (said.textContent === 'The shop does not answer.') said.textContent = '';
}

/** @param {Member} member */
function serverItem({ name, server }) {
  const state = server?.state ?? 'stopped';
  const buttons = (actions[state] ?? []).map((action) => ({
    label: action,
    path: `/members/${encodeURIComponent(name)}/${action}`,
  }));
  return { name, text: state, state, buttons };
}

/** @param {[string, Load]} load */
function loadItem([kind, { isRunning, done, failed }]) {
  const action = isRunning ? 'stop' : 'start';
  const text = isRunning || done > 0 ? `${done} done, ${failed} failed` : 'off';
  const name = loadNames[kind] ?? kind;
  return { name, text, state: '', buttons: [{ label: action, path: `/load/${kind}/${action}` }] };
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
