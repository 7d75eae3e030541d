/** Splits a line into arguments as a shell would: at spaces, except inside '…' and "…". */
export function splitArguments(line) {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, bare]) => single ?? double ?? bare);
}
