/** What the dashboard tells people; tests compare with the same texts. */
export const messages = {
  notMounted:
    'The dashboard is not served: NODE_ENV is neither "development" nor "test", and no guard is set. ' +
    'Give forRoot() a guard, or enabled: true when something before the application keeps strangers out.',
  mounted: (path: string, rights: string) => `The dashboard is served at /${path} (${rights})`,
  noPage: 'The page of the dashboard is not beside this code: it is made by `npm run build`',
  unknownGroup: (name: string) => `There is no group "${name}"`,
  readOnly: 'This dashboard is read-only: actions need forRoot({ actions: true })',
  crossSite: 'Actions are taken from the page of this dashboard only',
  wrongBody: (what: string) => `The body must be JSON with ${what}`,
} as const;
