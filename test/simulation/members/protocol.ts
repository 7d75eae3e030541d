import type { Bytes } from '../redis/bytes.js';
import type { Reply } from '../redis/reply.js';

/** What travels to a member. */
export type Request =
  | { readonly kind: 'open' }
  | { readonly kind: 'command'; readonly words: readonly Bytes[] }
  | { readonly kind: 'subscribe'; readonly channel: Bytes };

/** What travels back: replies in the order of the commands, and published messages in between. */
export type Response =
  | { readonly kind: 'opened' }
  | { readonly kind: 'reply'; readonly reply: Reply }
  | { readonly kind: 'subscribed' }
  | { readonly kind: 'published'; readonly message: Bytes };
