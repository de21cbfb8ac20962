import { describe, expect, it } from 'vitest';
import { TIMING_TEMPLATES, type TimingName } from '../../../shared/domain/timing-template.ts';
import { millis, seed } from '../../../shared/domain/units.ts';
import { TargetRateControl } from '../../../shared/engine/target/rate-control.ts';
import { makeRetryPolicy } from '../../../shared/engine/target/retry-policy.ts';
import { permutation } from '../../../shared/plan/permutation.ts';
import { type Bucket, makeBucket, makeSecondsCount } from '../../helpers/limited-host.ts';
import { chunkOf, startEngine, tcp, verdicts } from '../../helpers/run-engine.ts';
import { everyNthOpen, HOST, scanVirtually, type VirtualHost, virtualNetwork } from '../../helpers/virtual-network.ts';

/** A scanner that would ask 20,000 times a second, over a line and a target of virtual time. */
function askFor(seconds: number, pace: TargetRateControl, getsThrough: (at: number) => boolean): number {
  const [stepsPerMilli, roundTrip] = [20, 50];
  const pings: { readonly endsAt: number; readonly answered: boolean }[] = [];
  let asks = 0;
  for (let step = 0; step < seconds * 1_000 * stepsPerMilli; step++) {
    const at = millis(step / stepsPerMilli);
    while (pings[0] && pings[0].endsAt <= at) pace.pinged(pings.shift()?.answered ?? false, at);
    if (!pace.limiter().tryTake(at)) continue;
    asks += 1;
    const isPing = pace.wantsPing();
    pace.sent(at, isPing);
    const answered = getsThrough(at);
    if (isPing) pings.push({ endsAt: at + roundTrip, answered });
  }
  return asks;
}

/** Each worker has every so manieth port, and knows nothing of the others. Left out: one port in forty is open. */
async function scanShared(
  refusals: Bucket,
  ports: number,
  workers: number,
  { timing = 'T4', ...over }: Partial<VirtualHost> & { readonly timing?: TimingName } = {},
) {
  const host: VirtualHost = { treat: everyNthOpen(40, 'closed'), rtt: 20, refusals, ...over };
  const { clock, prober, run } = virtualNetwork({ [HOST]: host });
  const shares = Array.from({ length: workers }, (_, worker) => {
    const own = Array.from({ length: ports / workers }, (_each, index) => 1 + worker + index * workers);
    return startEngine(chunkOf(tcp(...own), [HOST]), TIMING_TEMPLATES[timing], { clock, prober });
  });
  const results = await run(Promise.all(shares.map(({ result }) => result)));
  return { told: new Set(results.flatMap(verdicts)), ms: clock.now() };
}

describe('the pace of a target', () => {
  it('is let alone, and nothing pinged, as long as no losses are seen', () => {
    const pace = new TargetRateControl(() => {});
    pace.lossesSeen(7, 0.9);
    pace.lossesSeen(100, 0.2);
    expect(askFor(1, pace, () => true)).toBe(20_000);
    expect([pace.wantsPing(), pace.limit()]).toEqual([false, null]);
  });

  it.each([50, 200, 500, 2_000])('comes down to what a target lets through: %i a second', (perSecond) => {
    let tooFast = 0;
    const pace = new TargetRateControl((_from, to) => {
      tooFast = to;
    });
    const bucket = makeBucket(perSecond, Math.max(1, perSecond / 20));
    pace.lossesSeen(10, 0.5);
    askFor(30, pace, (at) => bucket.take(at));
    expect(pace.limit()).toBeGreaterThan(perSecond / 2);
    expect(pace.limit()).toBeLessThan(perSecond * 1.5);
    expect(tooFast).toBeGreaterThan(0);
  });

  it('is given back where the line loses the same share at any pace', () => {
    const order = permutation(1_000_000, seed(7));
    let asked = 0;
    const pace = new TargetRateControl(() => {});
    pace.lossesSeen(10, 0.5);
    askFor(5, pace, () => order(asked++) >= 500_000);
    expect([pace.limit(), pace.wantsPing(), pace.limiter().wait(millis(6_000))]).toEqual([null, false, 0]);
  });

  it('is given back where the target has stopped answering', () => {
    const pace = new TargetRateControl(() => {});
    pace.fellSilent();
    askFor(10, pace, () => false);
    expect([pace.limit(), pace.wantsPing(), pace.limiter().wait(millis(20_000))]).toEqual([null, false, 0]);
  });
});

describe('the retry policy', () => {
  it('allows more attempts at silent ports once two pings were lost, and fewer when that is forgotten', () => {
    const retries = makeRetryPolicy(7);
    retries.answered(1);
    for (let pings = 0; pings < 20; pings++) retries.pinged(1);
    retries.pinged(2);
    expect(retries.attemptsAllowed()).toBe(2);
    retries.pinged(2);
    expect(retries.attemptsAllowed()).toBeGreaterThan(2);
    retries.forget();
    expect([retries.attemptsAllowed(), retries.lost()]).toEqual([2, 0]);
  });
});

describe('a host that sends so many resets a second', () => {
  it.each(['T3', 'T4', 'T5'] as const)(
    'has every port told at %s, in little more time than its resets take',
    async (timing) => {
      const host: VirtualHost = { treat: everyNthOpen(40, 'closed'), rtt: 20, refusals: makeBucket(200, 10) };
      const { counts, seconds, result } = await scanVirtually(host, 2_000, timing);
      expect(counts).toEqual({ 'open/syn-ack': 50, 'closed/conn-refused': 1_950 });
      expect(seconds).toBeLessThan((1_950 / 200) * 1.25);
      expect(result.tally.pacedTo).toBeGreaterThan(150);
      expect(result.tally.pacedTo).toBeLessThan(300);
    },
  );

  it.each([2, 4])('has every port told by %i workers too, that share its resets', async (workers) => {
    const { told, ms } = await scanShared(makeBucket(200, 10), 2_000, workers);
    expect(told).toEqual(new Set(['open/syn-ack', 'closed/conn-refused']));
    // Over sixty round-trip times it is 1.4 times what the resets take, and 2.1 at the worst.
    expect(ms).toBeLessThan((1_950 / 200) * 1_000 * 2);
  });

  it.each([16, 18, 22, 24])(
    'has every port told by four workers at T5, of which one is left the fewest, over %d ms',
    async (rtt) => {
      const { told } = await scanShared(makeBucket(200, 10), 12_000, 4, { rtt, timing: 'T5' });
      expect(told).toEqual(new Set(['open/syn-ack', 'closed/conn-refused']));
    },
  );

  const LIMITS = { 'one by one': () => makeBucket(200, 10), 'by the second': () => makeSecondsCount(200) };
  const KINDS = Object.keys(LIMITS) as (keyof typeof LIMITS)[];
  const cases = KINDS.flatMap((kind) => [0, 40, 700].map((everyNth) => [kind, everyNth] as const));

  it.each(cases)(
    'counts them %s, and has no closed port called filtered (open: every %ith)',
    async (kind, everyNth) => {
      const treat = everyNth === 0 ? () => 'closed' as const : everyNthOpen(everyNth, 'closed');
      const { counts, seconds } = await scanVirtually({ treat, rtt: 20, refusals: LIMITS[kind]() }, 4_000, 'T4');
      const closed = counts['closed/conn-refused'] ?? 0;
      expect(closed + (counts['open/syn-ack'] ?? 0)).toBe(4_000);
      expect(seconds).toBeLessThan((closed / 200) * 1.1 + 2);
    },
  );

  const mixed = KINDS.flatMap((kind) =>
    [0, 0.05].flatMap((loss) => [2, 10].map((part) => [kind, loss, part] as const)),
  );

  it.each(mixed)(
    '%s, over a line that loses %d each way, has one port in %i told, and the rest is filtered',
    async (kind, loss, part) => {
      const shuffled = permutation(4_000, seed(part));
      const isSilent = (port: number): boolean => shuffled(port - 1) >= 4_000 / part;
      const treat: VirtualHost['treat'] = (port) => (isSilent(port) ? 'silent' : port % 40 === 1 ? 'open' : 'closed');
      const { counts, seconds } = await scanVirtually({ treat, rtt: 20, loss, refusals: LIMITS[kind]() }, 4_000, 'T4');
      expect(counts['filtered/no-response']).toBe(4_000 - 4_000 / part);
      // A line that loses as well hides how much the limit takes: some seven attempts at each silent port, at a rate that gropes.
      expect(seconds).toBeLessThan(loss === 0 ? 40 : 200);
    },
  );

  it.each([2, 4])('by the second has every port told by %i workers that share them', async (workers) => {
    const { told, ms } = await scanShared(makeSecondsCount(200), 4_000, workers);
    expect(told).toEqual(new Set(['open/syn-ack', 'closed/conn-refused']));
    expect(ms).toBeLessThan((3_900 / 200) * 1_000 * 3);
  });

  it.each([17, 20.5, 23, 25.5, 27, 28])(
    'by the second has every port told by four workers that share them, none open, over %d ms',
    async (rtt) => {
      const { told } = await scanShared(makeSecondsCount(200), 4_500, 4, { treat: () => 'closed', rtt });
      expect(told).toEqual(new Set(['closed/conn-refused']));
    },
  );

  it('probes nothing twice where nothing is held back, but the open port when all others were reset', async () => {
    const { result, sent } = await scanVirtually({ treat: everyNthOpen(300, 'closed'), rtt: 20 }, 300, 'T4');
    expect(sent).toBe(301);
    expect(result.tally).not.toHaveProperty('pings');
  });
});

it('A firewall that rejects by ICMP, as seldom as Linux does, has no port tried more than twice', async () => {
  const bucket = makeBucket(1, 6);
  const isOpen = everyNthOpen(2_500, 'silent');
  const treat: VirtualHost['treat'] = (port, at, arrived) =>
    isOpen(port, at, arrived) === 'open' ? 'open' : bucket.take(at) ? 'unreachable' : 'silent';
  const { counts, result } = await scanVirtually({ treat, rtt: 50 }, 20_000, 'T4');
  expect(counts['open/syn-ack']).toBe(8);
  expect(counts['filtered/host-unreach']).toBeGreaterThan(6);
  expect(result.tally.mostAttempts).toBe(2);
});

it.each([22, 23, 25])(
  'A line that loses 15 % of the packets each way, over %d ms, is not taken for a limit where few pings are spared by chance',
  async (rtt) => {
    const line: Partial<VirtualHost> = { treat: everyNthOpen(40, 'silent'), rtt, loss: 0.15 };
    const { told, ms } = await scanShared(makeBucket(1_000_000, 1_000_000), 4_000, 1, { ...line, timing: 'T3' });
    expect(told).toEqual(new Set(['open/syn-ack', 'filtered/no-response']));
    // At five a second, the least that a limit may be, it would be hours; seven attempts at each port go out in 70 s.
    expect(ms).toBeLessThan(200_000);
  },
);

it.each([0.05, 0.08])('T5 calls no port filtered where %d of the packets are lost each way', async (loss) => {
  for (const rtt of [15, 20, 26]) {
    const { counts } = await scanVirtually({ treat: everyNthOpen(40, 'closed'), rtt, loss }, 4_000, 'T5');
    expect(counts).toEqual({ 'open/syn-ack': 100, 'closed/conn-refused': 3_900 });
  }
});

describe('a network that loses 30 % of the packets each way', () => {
  it('has no open port lost, and is not taken for a limit', async () => {
    const host: VirtualHost = { treat: everyNthOpen(25, 'closed'), rtt: 50, loss: 0.3 };
    const { counts, result } = await scanVirtually(host, 5_000, 'T3');
    expect(counts['open/syn-ack']).toBe(200);
    expect(counts['filtered/no-response'] ?? 0).toBeLessThan(15);
    expect(result.tally).not.toHaveProperty('pacedTo');
  });

  it('has a firewalled host told within the attempts that the template allows', async () => {
    const host: VirtualHost = { treat: everyNthOpen(25, 'silent'), rtt: 50, loss: 0.3 };
    const { counts, result } = await scanVirtually(host, 5_000, 'T4');
    // Half of all probes are lost: seven attempts miss one open port in 110.
    expect(counts['open/syn-ack']).toBeGreaterThan(195);
    expect(result.tally).not.toHaveProperty('pacedTo');
  });
});
