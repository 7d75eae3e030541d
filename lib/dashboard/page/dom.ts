type Child = Node | string;

/** Creates an element. Text goes in as text: nothing that members say is ever read as markup. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Changes the text only when it is another one, so that selections and screen readers are left in peace. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** The element of index.html with that id. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no #${id}`);
  return element as T;
}

/** A button that cannot be pressed again until what it does is done. */
export function button(label: string, onPress: () => Promise<void> | void, name = label): HTMLButtonElement {
  const element = h('button', { type: 'button' }, label);
  if (name !== label) element.setAttribute('aria-label', name);
  element.addEventListener('click', () => {
    // not `disabled`, which would take the focus away
    if (element.getAttribute('aria-disabled') === 'true') return;
    element.setAttribute('aria-disabled', 'true');
    void Promise.resolve(onPress()).finally(() => element.removeAttribute('aria-disabled'));
  });
  return element;
}
