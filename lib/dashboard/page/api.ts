import { actionHeader, type ActionResult } from '../wire.js';

const here = import.meta.url;
/** Where the dashboard is served, whatever prefixes lie before it: this file is one folder below. */
const base = new URL('..', here);

export type Query = Readonly<Record<string, string>>;

export function urlOf(name: string, query: Query): string {
  const url = new URL(name, base);
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
  return url.href;
}

/** @throws Error with what the application answered */
export async function read<T>(name: string, query: Query): Promise<T> {
  return (await answerOf(await fetch(urlOf(name, query)))) as T;
}

/** @throws Error with what the application answered */
export async function act(name: string, body: Query): Promise<ActionResult> {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json', [actionHeader]: '1' },
    body: JSON.stringify(body),
  };
  return (await answerOf(await fetch(urlOf(`actions/${name}`, {}), init))) as ActionResult;
}

async function answerOf(response: Response): Promise<unknown> {
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer;
  const said = typeof answer === 'object' && answer !== null && 'message' in answer ? String(answer.message) : '';
  throw new Error(said || `The application answered ${response.status}`);
}
