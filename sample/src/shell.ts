import { Logger } from '@nestjs/common';
import type { INestApplicationContext } from '@nestjs/common';
import { repl } from '@nestjs/core';
import { LockService, MajorityRedisService, QueueService, QuorumKvService } from 'nestjs-majority-redis';
import { lastValueFrom } from 'rxjs';
import { AppModule } from './app.module.js';
import { Servers } from './members/servers.js';
import { readSampleConfig } from './sample-config.js';

const greeting = `
The group is "mr", its locks are "locks", its queues "queues", its key-value store is "kv". Lines to try:
  mr.status()
  const lock = await locks.acquire('seat:A1')
  lock.token
  await locks.inspect('seat:A1')
  await locks.tryAcquire('seat:A1')
  await lock.release()
  await locks.using('seat:A1', (lock) => lock.token)
  await queues.put('letters', { to: 'Ada' })
  const [letter] = await queues.get('letters', { waitFor: 5000 })
  letter.body
  await queues.size('letters')
  await letter.ack()
  const reading = queues.consume('letters').subscribe((it) => it.ack())
  reading.unsubscribe()
  await kv.set('greeting', 'hello', { ttl: 60000 })
  await kv.getEntry('greeting')
  await kv.increment('visits')
  const watching = kv.watch('visits').subscribe(console.log)
  watching.unsubscribe()
  help()
Leave with .exit
`;

async function main(): Promise<void> {
  const servers = await Servers.open(readSampleConfig(process.env));
  try {
    const shell = await repl(AppModule.forServers(servers));
    const get = shell.context['get'] as INestApplicationContext['get'];
    shell.context['mr'] = get(MajorityRedisService);
    shell.context['locks'] = get(LockService);
    shell.context['queues'] = get(QueueService);
    shell.context['kv'] = get(QuorumKvService);
    console.log(greeting);
    shell.displayPrompt();
    // the servers go last: locks are released while the app closes, which ends the events of its group
    await lastValueFrom(get(MajorityRedisService).events$, { defaultValue: undefined });
  } finally {
    await servers[Symbol.asyncDispose]();
  }
}

await main().catch((error: unknown) => {
  Logger.error(`The shell could not start. ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
