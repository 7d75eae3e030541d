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
  queueTwice: 'registered once in an application: export the module that registerQueue() returned, and import that',
  registration: 'an object with the name of a queue',
  asyncRegistration: 'given one of useFactory, useClass and useExisting',
  consumerMethod: 'a method of a class, not static and not an accessor',
  consumerHost: 'a method of a provider, not of a controller',
  enhancers: "an array of 'guards', 'interceptors' and 'filters'",
  enhancersOfMethod: 'all kinds that the method is decorated with, as they have no effect otherwise',
  enabled: 'true or false',
} as const;
