import type { BatchObservableResult, Meter } from '@opentelemetry/api';
import type { MajorityRedis } from '../connect.js';
import type { MemberState } from '../member/member-state.js';
import type { GroupEvent } from '../quorum/group-status.js';
import { systemClock } from '../runtime/clock.js';
import type { Instrumentation } from './instrumentation.js';
import { attribute } from './names.js';

const states: readonly MemberState[] = ['voting', 'rejoining', 'suspect', 'down'];

/** Counts what the group tells, and gives its members' states when a reader collects. @returns what undoes it */
export function observeGroup(redis: MajorityRedis, instrumentation: Instrumentation, meter: Meter): () => void {
  const stopGauges = gaugeMembers(redis, instrumentation, meter);
  const rejoining = new Map<string, number>();
  const events = redis.group.events$.subscribe((event) => count(event, instrumentation, rejoining));
  return () => {
    events.unsubscribe();
    stopGauges();
  };
}

function gaugeMembers(redis: MajorityRedis, { group }: Instrumentation, meter: Meter): () => void {
  const members = meter.createObservableGauge('majority_redis.members', {
    unit: '{member}',
    description: 'Members in each state, as this client sees them.',
  });
  const quorum = meter.createObservableGauge('majority_redis.quorum', {
    unit: '{member}',
    description: 'Members that have to vote.',
  });
  const voting = meter.createObservableGauge('majority_redis.member.voting', {
    description: '1 while the member votes, 0 while it does not.',
  });
  const roundTrip = meter.createObservableGauge('majority_redis.member.round_trip', {
    unit: 's',
    description: 'Smoothed round-trip time of the member; not a number while it does not answer.',
  });
  const inFlight = meter.createObservableGauge('majority_redis.member.in_flight', {
    unit: '{request}',
    description: 'Requests to the member that are not answered yet.',
  });
  const votes = meter.createObservableCounter('majority_redis.member.votes', {
    unit: '{vote}',
    description: 'Votes that the member was asked for: answered, or missing.',
  });
  const gauges = [members, quorum, voting, roundTrip, inFlight, votes];
  const observe = (result: BatchObservableResult): void => {
    const status = redis.group.status();
    const own = { [attribute.group]: group };
    result.observe(quorum, status.quorum, own);
    for (const state of states) {
      const count = status.members.filter((member) => member.state === state).length;
      result.observe(members, count, { ...own, [attribute.state]: state });
    }
    for (const member of status.members) {
      const ofMember = { ...own, [attribute.member]: member.name };
      result.observe(voting, member.state === 'voting' ? 1 : 0, ofMember);
      result.observe(inFlight, member.inFlight, ofMember);
      for (const outcome of ['answered', 'missing'] as const) {
        result.observe(votes, member.votes[outcome], { ...ofMember, [attribute.outcome]: outcome });
      }
      // the SDK goes on giving the value it was given last, so that there is none has to be said
      result.observe(roundTrip, (member.roundTripMs ?? NaN) / 1000, ofMember);
    }
  };
  meter.addBatchObservableCallback(observe, gauges);
  return () => meter.removeBatchObservableCallback(observe, gauges);
}

/** @param rejoining since when, by name of the member */
function count(event: GroupEvent, { group, meters }: Instrumentation, rejoining: Map<string, number>): void {
  const own = { [attribute.group]: group };
  switch (event.type) {
    case 'lock-lost':
      return meters.lockLost.add(1, { ...own, [attribute.reason]: event.reason });
    case 'lease-lost':
      return meters.leaseLost.add(1, {
        ...own,
        [attribute.destination]: event.queue,
        [attribute.reason]: event.reason,
      });
    case 'group':
      return meters.groupEvents.add(1, { ...own, [attribute.event]: event.event });
    case 'rejoin':
      if (!rejoining.has(event.member)) rejoining.set(event.member, systemClock.now());
      return;
    case 'member': {
      const since = rejoining.get(event.member);
      if (event.state !== 'voting' || since === undefined) return;
      rejoining.delete(event.member);
      const ofMember = { ...own, [attribute.member]: event.member };
      meters.rejoins.add(1, ofMember);
      meters.rejoin.record((systemClock.now() - since) / 1000, ofMember);
      return;
    }
    case 'warning':
      return;
  }
}
