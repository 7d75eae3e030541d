import { h, setText } from './dom.js';

/** A line below a section's title: what went wrong, or what is left out. */
export class Notice {
  readonly element = h('p', { class: 'notice', role: 'status' });

  constructor() {
    this.element.hidden = true;
  }

  show(text: string | undefined, isBad = true): void {
    this.element.hidden = text === undefined;
    this.element.classList.toggle('bad', isBad);
    setText(this.element, text ?? '');
  }

  /**
   * Shows how something went wrong, until the next time.
   *
   * @param work may resolve with what is to be noted when it went well
   */
  async during(work: () => Promise<string | void>): Promise<void> {
    try {
      this.show((await work()) ?? undefined, false);
    } catch (error) {
      this.show(error instanceof Error ? error.message : String(error));
    }
  }
}
