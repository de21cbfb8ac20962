import { describe, expect, it } from 'vitest';
import type { Timing } from '../../../shared/domain/timing-template.ts';
import { millis, type PortNumber } from '../../../shared/domain/units.ts';
import { type Verdict, verdictCode, verdictOf } from '../../../shared/domain/verdict.ts';
import { makeSocketBudget } from '../../../shared/engine/socket-budget.ts';
import { makeIcmpRateLimit } from '../../../shared/engine/target/icmp-limit.ts';
import { makeTargetStates, type TargetStates } from '../../../shared/engine/target/target-state.ts';
import { udpProber } from '../../../shared/net/udp-prober.ts';
import type { Prober } from '../../../shared/seams/prober.ts';
import { type Bucket, holdingBack, makeBucket } from '../../helpers/limited-host.ts';
import { chunkOf, countingProber, startEngine, TEST_TIMING, verdicts } from '../../helpers/run-engine.ts';
import { closedUdpPort, type UdpPort, udp, udpPort } from '../../helpers/udp-ports.ts';
import { HOST, type Treatment, virtualNetwork } from '../../helpers/virtual-network.ts';

const TIMING: Timing = { ...TEST_TIMING, initialRttTimeout: millis(60), minRttTimeout: millis(40) };

/** Linux's limit, forty times as fast: forty answers a second, six saved up. */
const likeLinux = (): Bucket => makeBucket(40, 6);
const NEVER: Bucket = { take: () => false };

const counts = (all: readonly Verdict[]): Partial<Record<Verdict, number>> => {
  const found: Partial<Record<Verdict, number>> = {};
  for (const verdict of all) found[verdict] = (found[verdict] ?? 0) + 1;
  return found;
};

/** Targets whose held back answers are waited for so long. */
function patientFor(delay: number): TargetStates {
  const states = makeTargetStates(TIMING, 1);
  const icmpLimit = makeIcmpRateLimit(millis(delay));
  return { ...states, of: (address) => ({ ...states.of(address), icmpLimit }) };
}

/** Ports 1 to `closed` of a host that refuses as far as its bucket goes, and what else is said of it, in virtual time. */
function startAgainst(
  closed: number,
  refusals: Bucket,
  { more = [], ...over }: Parameters<typeof startEngine>[2] & { readonly more?: readonly Treatment[] } = {},
) {
  const treat = (port: number): Treatment => more[port - closed - 1] ?? 'closed';
  const { clock, prober: sender, run } = virtualNetwork({ [HOST]: { treat, rtt: 1, refusals } });
  const prober = countingProber(sender);
  const ports = Array.from({ length: closed + more.length }, (_, index) => index + 1);
  const engine = startEngine(chunkOf(udp(...ports), [HOST]), TIMING, { clock, prober, ...over });
  return { engine, prober, result: () => run(engine.result) };
}

describe('a host that holds its refusals back', () => {
  it('is probed slowly until the truth of every port is known', async () => {
    const { result } = startAgainst(40, likeLinux(), { more: ['open', 'silent'] });
    const ended = await result();
    expect(verdicts(ended)).toEqual([
      ...Array(40).fill('closed/port-unreach'),
      'open/udp-response',
      'open|filtered/no-response',
    ]);
    // More than the bucket gives out cannot be had.
    expect(ended.tally.answersPerSecond).toBeGreaterThan(30);
    expect(ended.tally.answersPerSecond).toBeLessThan(45);
  });

  it('is not taken for a network that loses packets: no port is probed more often in the sweep for it', async () => {
    // no patience at all: there is only the sweep
    const { prober, result } = startAgainst(40, likeLinux(), { targets: patientFor(0) });
    const { tally } = await result();
    expect(Math.max(...prober.asks.values())).toBe(2);
    expect(tally.answeredRetries).toBe(0);
  });

  it('leaves ports unsure, and says so, when the patience is at its end', async () => {
    const result = await startAgainst(60, makeBucket(20, 6), { targets: patientFor(1_500) }).result();
    const found = counts(verdicts(result));
    expect(Object.keys(found).sort()).toEqual(['closed/port-unreach', 'open|filtered/rate-limited']);
    expect(result.tally.answersPerSecond).toBeGreaterThan(0);
  });

  it('leaves all unsure when it stops answering', async () => {
    let left = 3;
    const bucket: Bucket = {
      take() {
        left -= 1;
        return left >= 0;
      },
    };
    const result = await startAgainst(12, bucket, { targets: patientFor(800) }).result();
    expect(counts(verdicts(result))).toEqual({ 'closed/port-unreach': 3, 'open|filtered/rate-limited': 9 });
  });

  it('is left at the deadline with a verdict for every port', async () => {
    const budget = makeSocketBudget(100);
    const result = await startAgainst(60, makeBucket(10, 6), { deadline: millis(1_000), budget }).result();
    expect(verdicts(result)).not.toContain('pending');
    // What was left to verify is said, for the next worker to go on with.
    expect(result.unverified).toBeGreaterThan(0);
    expect(budget.taken).toBe(0);
  });

  it('is left with doubts when it is aborted, for whoever goes on', async () => {
    const budget = makeSocketBudget(100);
    const { clock, prober, run } = virtualNetwork({
      [HOST]: { treat: () => 'closed', rtt: 1, refusals: makeBucket(10, 6) },
    });
    const ports = Array.from({ length: 30 }, (_, index) => index + 1);
    const engine = startEngine(chunkOf(udp(...ports), [HOST]), TIMING, {
      clock,
      budget,
      prober: {
        send(probe, tell) {
          // twice each in the sweep, so this is within the check
          if (prober.sent.length === 70) queueMicrotask(engine.abort);
          return prober.send(probe, tell);
        },
      },
    });
    const result = await run(engine.result);
    expect(verdicts(result)).not.toContain('pending');
    expect(budget.taken).toBe(0);
    const unsure = counts(verdicts(result))['open|filtered/rate-limited'] ?? 0;
    expect(unsure).toBeGreaterThan(0);
    expect(result.unverified).toBe(unsure);
    expect(engine.settled()).toBe(30 - unsure);
  });
});

describe('a target that is known by its UDP ports alone', () => {
  /** Answers on one port, and from the `after`-th datagram of the scan on on none. */
  const answering = (port: PortNumber, after: number): Prober => {
    let sent = 0;
    return {
      send(probe, tell) {
        sent += 1;
        if (probe.port === port && sent <= after)
          queueMicrotask(() => tell({ kind: 'replied', bytes: new Uint8Array(1) }));
        return { cancel: () => {} };
      },
    };
  };

  it('and went silent has its silent ports unprobed, with the time', async () => {
    const run = startEngine(chunkOf(udp(53, 40_001, 40_002, 40_003)), TIMING, {
      prober: answering(53 as PortNumber, 4),
    });
    const { codes, tally } = await run.result;
    expect(counts(Array.from(codes, verdictOf))).toEqual({ 'open/udp-response': 1, 'unprobed/target-went-silent': 3 });
    expect(tally.incidents).toMatchObject([{ kind: 'went-silent', until: null, ports: 3 }]);
  });

  it('and still answers on the port that is open keeps their silence', async () => {
    const run = startEngine(chunkOf(udp(53, 40_001, 40_002)), TIMING, { prober: answering(53 as PortNumber, 1_000) });
    const { codes, tally } = await run.result;
    expect(counts(Array.from(codes, verdictOf))).toEqual({ 'open/udp-response': 1, 'open|filtered/no-response': 2 });
    expect(tally).not.toHaveProperty('incidents');
  });
});

describe('a check that was interrupted', () => {
  it('goes on with the unsure ports alone, from nothing but the verdicts', async () => {
    const [known, first, second] = [await closedUdpPort(), await closedUdpPort(), await closedUdpPort()];
    await using sure = await udpPort();
    const codes = Uint8Array.of(
      verdictCode('closed/port-unreach'),
      verdictCode('open|filtered/rate-limited'),
      verdictCode('open|filtered/no-response'),
      verdictCode('open|filtered/rate-limited'),
    );
    const prober = countingProber(udpProber);
    const run = startEngine(chunkOf(udp(known, first, sure.port, second)), TIMING, { prober, codes });
    expect(verdicts(await run.result)).toEqual([
      'closed/port-unreach',
      'closed/port-unreach',
      'open|filtered/no-response',
      'closed/port-unreach',
    ]);
    expect([...prober.asks.keys()].sort()).toEqual([known, first, second].sort());
  });
});

describe('a host that holds nothing back', () => {
  const silentPorts = (count: number): Promise<UdpPort[]> =>
    Promise.all(Array.from({ length: count }, () => udpPort()));

  it('costs each silent port one probe more, and says nothing of a limit', async () => {
    const silent = await silentPorts(20);
    const prober = countingProber(udpProber);
    const result = await startEngine(chunkOf(udp(await closedUdpPort(), ...silent.map(({ port }) => port))), TIMING, {
      prober,
    }).result;
    expect(counts(verdicts(result))).toEqual({ 'closed/port-unreach': 1, 'open|filtered/no-response': 20 });
    expect(silent.map(({ port }) => prober.asks.get(port))).toEqual(silent.map(() => 3));
    expect(result.tally).not.toHaveProperty('answersPerSecond');
    await Promise.all(silent.map((each) => each[Symbol.asyncDispose]()));
  });

  it('is not probed again when it never refused anything, for then nothing can be told', async () => {
    const silent = await silentPorts(5);
    const prober = countingProber(udpProber);
    await startEngine(chunkOf(udp(...silent.map(({ port }) => port))), TIMING, { prober }).result;
    expect([...prober.asks.values()]).toEqual([2, 2, 2, 2, 2]);
    await Promise.all(silent.map((each) => each[Symbol.asyncDispose]()));
  });
});

describe('a fault of this machine', () => {
  it('is no response: neither of the port nor of the control', async () => {
    const [witness, hidden] = [await closedUdpPort(), await closedUdpPort()];
    let asksOfHidden = 0;
    let faults = 0;
    const prober: Prober = {
      send(probe, tell) {
        if (probe.port === hidden) asksOfHidden += 1;
        // In the sweep it is held back; in the check this machine fails to ask it, twice.
        if (probe.port === hidden && asksOfHidden <= 2) return holdingBack(udpProber, NEVER).send(probe, tell);
        if (probe.port === hidden && asksOfHidden <= 4) {
          faults += 1;
          tell({ kind: 'errno', errno: 'EMFILE' });
          return { cancel: () => {} };
        }
        return udpProber.send(probe, tell);
      },
    };
    const result = await startEngine(chunkOf(udp(witness, hidden)), TIMING, { prober }).result;
    expect(faults).toBe(2);
    expect(verdicts(result)).toEqual(['closed/port-unreach', 'closed/port-unreach']);
  });
});
