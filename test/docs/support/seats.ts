import { Database } from 'node-sqlite3-wasm';

/** A table of seats in a real SQL database, which is the one of the guide to locks as far as its code can tell. */
export function openSeats(...ids: string[]) {
  const database = new Database(':memory:');
  database.exec('CREATE TABLE seat (id TEXT PRIMARY KEY, buyer TEXT, lock_token BIGINT NOT NULL DEFAULT 0)');
  for (const id of ids) database.run('INSERT INTO seat (id) VALUES (?)', id);
  const read = (column: string, id: string) => database.get(`SELECT ${column} FROM seat WHERE id = ?`, id)![column];
  return {
    execute: async (sql: string, values: readonly unknown[]) => database.run(sql, values as string[]).changes,
    latestToken: async (id: string) => Number(read('lock_token', id)),
    buyer: (id: string) => read('buyer', id),
    close: async () => database.close(),
  };
}
