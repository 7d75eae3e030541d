import { root } from './paths.mjs';

/** Bundles the dashboard's page, with the chart library, into the folder that lib/dashboard/page-files.ts reads. */
export async function buildPage() {
  const { build } = await import('vite');
  const before = process.env.NODE_ENV;
  await build({
    configFile: false,
    root: `${root}lib/dashboard/page`,
    // where the page is served is known only when it is asked for
    base: './',
    logLevel: 'warn',
    build: {
      outDir: `${root}dist/dashboard/page`,
      emptyOutDir: true,
      target: 'es2022',
      modulePreload: false,
      // of what is bundled
      license: { fileName: 'licenses.md' },
    },
  });
  // vite says "production" for all that this process starts afterwards, tests among it
  if (before === undefined) delete process.env.NODE_ENV;
  else process.env.NODE_ENV = before;
}
