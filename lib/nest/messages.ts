/** What is allowed, in the words of `InvalidOptionsError`: tests compare with the same constants. */
export const allowed = {
  groupName: 'unique in an application: import the group once, with isGlobal, or share one dynamic module',
  nameBesideFactory: 'given beside useFactory, useClass or useExisting, as the tokens depend on it',
  target: 'a method of a class, not static and not an accessor',
  key: 'a string, an array of at least one string, or a function of the arguments',
  placeholder: 'the position of an argument and a path into it, as in {0} or {0.id}; {{ and }} stand for braces',
  keyPart: 'a string, a finite number, a bigint or a boolean',
  group: 'the name of a group',
  waitFor: "above 0 with onBusy: 'wait'",
  knownGroup: 'a group of this application',
  caller:
    'made by Nest, in a module that sees MajorityRedisModule, and past its constructor, as its locks are injected',
} as const;
