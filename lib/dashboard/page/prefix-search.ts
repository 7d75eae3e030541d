import { h } from './dom.js';

/** Asks for the beginning of names. */
export class PrefixSearch {
  readonly element: HTMLElement;
  /** What was asked for last: text that is still being typed is none. */
  prefix = '';

  /**
   * @param things what is looked for: `locks`
   * @param verb what the button says
   * @param onSubmit called by Enter or by the button
   */
  constructor(things: string, verb: string, onSubmit: () => void) {
    const id = `${things}-prefix`;
    const input = h('input', {
      id,
      type: 'search',
      autocomplete: 'off',
      autocapitalize: 'off',
      spellcheck: 'false',
      placeholder: `all ${things}`,
    });
    this.element = h(
      'form',
      { class: 'search', role: 'search', 'aria-label': `${verb} ${things}` },
      h('label', { for: id }, `${things[0]!.toUpperCase()}${things.slice(1)} that begin with`),
      input,
      h('button', { type: 'submit' }, verb),
    );
    this.element.addEventListener('submit', (event) => {
      event.preventDefault();
      this.prefix = input.value;
      onSubmit();
    });
  }
}
