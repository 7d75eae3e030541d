/**
 * Asks every member at once.
 *
 * @param isYes which replies count
 * @returns at the majority-th such reply; rejects as soon as that cannot come any more
 */
export function askMajority<Client>(
  clients: readonly Client[],
  ask: (client: Client) => Promise<unknown>,
  isYes: (reply: unknown) => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const quorum = Math.floor(clients.length / 2) + 1;
    let granted = 0;
    let refused = 0;
    const refuse = () => {
      if (++refused === clients.length - quorum + 1) reject(new Error('a majority refused or failed'));
    };
    const count = (reply: unknown) => {
      if (!isYes(reply)) refuse();
      else if (++granted === quorum) resolve();
    };
    for (const client of clients) ask(client).then(count, refuse);
  });
}
