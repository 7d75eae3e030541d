/**
 * What to try with the running sample, as text for a terminal.
 *
 * @param url where the sample answers, without a slash at the end
 */
export function welcome(url: string): string {
  return `A ticket shop: seats are sold under majority locks, and tickets shipped from a queue, over Redis servers that do not know each other.

Buy a seat; the answer shows the fencing token, and what each member said:
  curl -X POST ${url}/seats/A1/sell -H 'content-type: application/json' -d '{"buyer":"Ada"}'
Look around:
  curl ${url}/seats
  curl ${url}/sales
  curl ${url}/members
  curl ${url}/health/ready
The ticket was ordered with the sale, and is shipped by now; order more, and watch the queues:
  curl ${url}/shipments
  curl -X POST ${url}/orders -H 'content-type: application/json' -d '{"buyer":"Ada","item":"poster","count":40}'
  curl ${url}/queues
Break the label printer: orders are tried three times, then they are dead letters. Repair it, and give them another chance:
  curl -X POST ${url}/printer/break
  curl -X POST ${url}/orders -H 'content-type: application/json' -d '{"buyer":"Grace","item":"mug"}'
  sleep 4; curl ${url}/queues/orders/dead-letters
  curl -X POST ${url}/printer/repair
  curl -X POST ${url}/queues/orders/redrive
Also: ${url}/queues/orders/pause and /resume.
Two at once: start a slow sale, look at its lock, and try the same seat meanwhile (423 and Retry-After):
  curl -X POST '${url}/seats/A2/sell?pause=8000' -H 'content-type: application/json' -d '{"buyer":"Slow"}' &
  curl ${url}/locks/seat:A2
  curl -i -X POST ${url}/seats/A2/sell -H 'content-type: application/json' -d '{"buyer":"Fast"}'
A seller that sleeps past its lease (3 s) wakes up late; the key-value store refuses its token (409):
  curl -X POST '${url}/seats/A3/sell?asleep=6000' -H 'content-type: application/json' -d '{"buyer":"Sleepy"}' &
  sleep 4; curl -X POST ${url}/seats/A3/sell -H 'content-type: application/json' -d '{"buyer":"Awake"}'; wait
Break it. With two of five dead sales go on:
  curl -X POST ${url}/members/redis-1/kill
  curl -X POST ${url}/members/redis-2/kill
  curl -X POST ${url}/seats/A4/sell -H 'content-type: application/json' -d '{"buyer":"Grace"}'
With three dead they are refused (503), and nobody is sold a seat twice:
  curl -X POST ${url}/members/redis-3/kill
  curl -i -X POST ${url}/seats/A5/sell -H 'content-type: application/json' -d '{"buyer":"Alan"}'
Start them again and watch; they come back empty, learn what the others know, and vote a few seconds later:
  for n in 1 2 3; do curl -X POST ${url}/members/redis-$n/start; done
  curl ${url}/health/ready
Give a seat back:
  curl -X DELETE ${url}/seats/A1/sale
Also: freeze, thaw and restart in the place of kill and start.
Load to watch it under (locks, kv, queue; stop ends it):
  curl -X POST ${url}/load/locks/start
  curl ${url}/load
`;
}
