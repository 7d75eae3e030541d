import type { Use } from '../support/run-block.js';
import type { Stage } from '../support/stage.js';

/** By title of the block: what its reader would do with what it exports. */
export type PageUses = Readonly<Record<string, Use<Stage>>>;
