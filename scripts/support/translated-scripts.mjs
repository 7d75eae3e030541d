import { readdirSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { root } from './paths.mjs';
import { translateLua } from './translate-lua.mjs';

/** The module that both make: in dist/ by the build, and in the tests by a plugin. */
const moduleName = 'in-memory/translated-scripts.js';

/** `lock/lua/votes.lua` …: the scripts of a tree like lib/ that Redis is sent. */
function scriptFiles(folder) {
  return readdirSync(folder, { recursive: true })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.lua') && !file.includes('/include/'))
    .sort((a, b) => (a < b ? -1 : 1));
}

/** Writes the translations of all scripts of `dist/`, as the last step of its build. */
export async function writeTranslatedScripts() {
  const dist = `${root}dist/`;
  const { loadVotingScript } = await import(pathToFileURL(`${dist}quorum/scripts.js`));
  const entries = scriptFiles(dist).map((file) => {
    const { sha, source } = loadVotingScript(pathToFileURL(dist + file));
    return `// ${file}\n${JSON.stringify(sha)}: ${translateLua(source)},`;
  });
  const header = '// Translated from Lua by the build.';
  writeFileSync(dist + moduleName, `${header}\nexport const translatedScripts = {\n${entries.join('\n')}\n};\n`);
}

/** For tests, which mean the sources: translates lib/ when the module is first imported. */
export function translatedScriptsOfSources() {
  const id = '\0translated-scripts';
  return {
    name: 'translated-scripts',
    enforce: 'pre',
    resolveId: (source, importer) =>
      source.endsWith('/translated-scripts.js') && importer?.startsWith(`${root}lib/`) ? id : undefined,
    load(loaded) {
      if (loaded !== id) return undefined;
      const files = scriptFiles(`${root}lib`).map((file) => pathToFileURL(`${root}lib/${file}`).href);
      return `
        import { loadVotingScript } from ${JSON.stringify(`${root}lib/quorum/scripts.ts`)};
        import { translateLua } from ${JSON.stringify(`${root}scripts/support/translate-lua.mjs`)};
        export const translatedScripts = Object.fromEntries(${JSON.stringify(files)}.map((file) => {
          const { sha, source } = loadVotingScript(new URL(file));
          return [sha, new Function('return ' + translateLua(source))()];
        }));`;
    },
  };
}
