import { Logger } from '@nestjs/common';
import { readSampleConfig } from './sample-config.js';
import { startSample } from './sample.js';
import { welcome } from './welcome/welcome.js';

async function main(): Promise<void> {
  const asked = stopAsked();
  await using sample = await startSample(readSampleConfig(process.env));
  console.log(`\n${welcome(sample.url)}`);
  console.log(`Or open it in a browser, to watch the group and to break it by buttons:\n\n  ${sample.url}\n`);
  const logger = new Logger('Sample');
  logger.log(`Listening on ${sample.url}, stop with Ctrl-C`);
  const signal = await asked;
  logger.log(`${signal}: finishing sales in progress, releasing locks, ending own servers`);
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
