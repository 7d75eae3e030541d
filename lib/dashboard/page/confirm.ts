import { h } from './dom.js';

/** Asks before something is destroyed. Escape and "Cancel" say no; the focus goes back to where it was. */
export function confirm(question: string, yes: string): Promise<boolean> {
  const cancel = h('button', { value: 'no' }, 'Cancel');
  const agree = h('button', { value: 'yes', class: 'danger' }, yes);
  const form = h('form', { method: 'dialog' }, h('p', { id: 'question' }, question), h('div', {}, cancel, agree));
  const dialog = h('dialog', { 'aria-labelledby': 'question' }, form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
    dialog.showModal();
    cancel.focus();
  });
}
