import { Logger } from '@nestjs/common';
import { QuietNestLogger } from './quiet-nest.logger.js';
import { readSampleConfig } from './sample-config.js';
import { startSample } from './sample.js';
import { greeting } from './welcome/greeting.js';

/** ms in which all members should vote; with one missing, the shop is shown all the same. */
const settledWithin = 3_000;

async function main(): Promise<void> {
  const asked = stopAsked();
  Logger.overrideLogger(new QuietNestLogger());
  await using sample = await startSample(readSampleConfig(process.env));
  await sample.settle(settledWithin);
  console.log(`\n${greeting(sample.url)}\n`);
  const signal = await asked;
  new Logger('Sample').log(`${signal}: finishing sales in progress, releasing locks, ending own servers`);
}

/** Resolves with the first signal to stop. Later ones change nothing, so that no server is left behind. */
function stopAsked(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.on('SIGINT', resolve);
    process.on('SIGTERM', resolve);
  });
}

await main().catch((error: unknown) => {
  console.error(`The sample could not start. ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
