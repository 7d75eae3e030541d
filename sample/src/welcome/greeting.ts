/**
 * What the sample prints when it is ready: few lines, and the link last.
 *
 * @param url where the sample answers, without a slash at the end
 */
export function greeting(url: string): string {
  return `The ticket shop is open: it sells seats under majority locks and ships tickets from a queue, over Redis servers
that do not know each other. Below this line stands what happens to them. Stop it with Ctrl-C.

Buy a seat:
  curl -X POST ${url}/seats/A1/sell -H 'content-type: application/json' -d '{"buyer":"Ada"}'
More lines to try (also on the page docs/start.md):
  curl ${url}

Open this in a browser, start some load, and kill servers:

  ${url}`;
}
