/** Ends the script with one clear message and exit code 1. */
export function fail(message) {
  console.error(`\n${message}\n`);
  process.exit(1);
}
