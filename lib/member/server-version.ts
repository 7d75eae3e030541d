/** The first version whose commands the scripts use: ZMSCORE came with it. */
const least = [6, 2] as const;

/**
 * What is wrong with the version of a server, by its INFO. Nothing where it does not tell: then the commands are tried
 * anyway. Valkey and other descendants tell the version of Redis that they are equal to.
 */
export function versionProblem(info: string): string | undefined {
  const found = /^redis_version:(\d+)\.(\d+)\S*/m.exec(info);
  if (!found) return undefined;
  const [line, major, minor] = found;
  const isNewEnough = Number(major) > least[0] || (Number(major) === least[0] && Number(minor) >= least[1]);
  if (isNewEnough) return undefined;
  return `Redis ${line.slice('redis_version:'.length)} is too old: ${least.join('.')} or newer is needed, or Valkey`;
}
