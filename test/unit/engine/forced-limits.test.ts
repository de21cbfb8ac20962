import { describe, expect, it } from 'vitest';
import { TIMING_TEMPLATES, type Timing } from '../../../shared/domain/timing-template.ts';
import { type Address, millis } from '../../../shared/domain/units.ts';
import { type Verdict, verdictCode } from '../../../shared/domain/verdict.ts';
import { makeSocketBudget } from '../../../shared/engine/socket-budget.ts';
import { makeTargetStates } from '../../../shared/engine/target/target-state.ts';
import { makeBucket } from '../../helpers/limited-host.ts';
import { chunkOf, startEngine, tcp, verdicts } from '../../helpers/run-engine.ts';
import { everyNthOpen, HOST, scanVirtually, virtualNetwork } from '../../helpers/virtual-network.ts';

const T3 = TIMING_TEMPLATES.T3;
const targetsOf = (more: Partial<Timing>) => makeTargetStates({ ...T3, ...more }, 1);
const count = (all: readonly Verdict[], verdict: Verdict): number => all.filter((each) => each === verdict).length;

describe('The time that one host may take', () => {
  const SLOW = '192.0.2.8' as Address;
  const ports = tcp(...Array.from({ length: 1_000 }, (_, index) => index + 1));

  it('ends with what it has told, the rest unprobed, and costs another host of the chunk nothing', async () => {
    const network = virtualNetwork({
      [HOST]: { treat: everyNthOpen(10, 'closed'), rtt: 20 },
      [SLOW]: { treat: everyNthOpen(100, 'silent'), rtt: 20 },
    });
    const chunk = chunkOf(ports, [HOST, SLOW]);
    const engine = startEngine(chunk, T3, {
      ...network,
      budget: makeSocketBudget(4_000),
      targets: targetsOf({ hostTimeout: millis(1_200) }),
    });
    const all = verdicts(await network.run(engine.result));
    const [other, slow] = [all.slice(0, ports.length), all.slice(ports.length)];
    expect([count(other, 'open/syn-ack'), count(other, 'closed/conn-refused')]).toEqual([100, 900]);
    expect(count(slow, 'unprobed/host-timeout')).toBeGreaterThan(500);
    expect(count(slow, 'pending')).toBe(0);
    expect(count(slow, 'open/syn-ack')).toBe(engine.found.filter(({ address }) => address === SLOW).length);
    expect(network.clock.now()).toBeLessThan(1_300);
  });

  it.each(['silent', 'closed'] as const)('is kept to within a turn of the loop where all is %s', async (rest) => {
    const host = { treat: everyNthOpen(70_000, rest), rtt: 20 };
    const { seconds, counts } = await scanVirtually(host, 8_000, 'T3', {
      targets: targetsOf({ hostTimeout: millis(1_000) }),
    });
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThan(1.1);
    expect(counts['unprobed/host-timeout']).toBeGreaterThan(4_000);
    expect(counts.pending).toBeUndefined();
  });

  it('takes in later chunks of the same host, which are sent no probe when it is up', async () => {
    const targets = targetsOf({ hostTimeout: millis(500) });
    const network = virtualNetwork({ [HOST]: { treat: () => 'silent', rtt: 20 } });
    const scan = async (): Promise<readonly Verdict[]> => {
      const budget = makeSocketBudget(4_000);
      const engine = startEngine(chunkOf(ports, [HOST]), T3, { ...network, budget, targets });
      return verdicts(await network.run(engine.result));
    };
    await scan();
    const sent = network.prober.sent.length;
    expect(new Set(await scan())).toEqual(new Set(['unprobed/host-timeout']));
    expect(network.prober.sent.length).toBe(sent);
  });

  it('changes nothing where it is long enough', async () => {
    const host = { treat: everyNthOpen(50, 'silent'), rtt: 30 };
    const unbounded = await scanVirtually(host, 2_000, 'T3');
    const bounded = await scanVirtually(host, 2_000, 'T3', { targets: targetsOf({ hostTimeout: millis(600_000) }) });
    expect(bounded).toEqual(unbounded);
  });
});

describe('A rate that is forced', () => {
  /** Losses halve the window again and again; at 300 ms a round trip that is what a scan waits for. */
  const lossy = { treat: everyNthOpen(2, 'closed'), rtt: 300, loss: 0.1, seed: 3 };

  it('holds where losses have made the window small', async () => {
    const free = await scanVirtually(lossy, 2_000, 'T3');
    const forced = await scanVirtually(lossy, 2_000, 'T3', { targets: targetsOf({ minRatePerTarget: 2_000 }) });
    expect(forced.seconds).toBeLessThan(free.seconds * 0.8);
    expect(forced.sent / forced.seconds).toBeGreaterThan(free.sent / free.seconds);
  });

  it('is no reason to send faster than the target lets through without it', async () => {
    const host = { treat: everyNthOpen(5, 'closed'), rtt: 20 };
    const forced = await scanVirtually(host, 3_000, 'T3', { targets: targetsOf({ minRatePerTarget: 10 }) });
    expect(forced).toEqual(await scanVirtually(host, 3_000, 'T3'));
  });

  it('bounds how low a limit of the target takes the rate', async () => {
    const limited = () => ({ treat: everyNthOpen(3, 'closed'), rtt: 20, takes: makeBucket(100, 5) });
    const free = await scanVirtually(limited(), 600, 'T3');
    const forced = await scanVirtually(limited(), 600, 'T3', { targets: targetsOf({ minRatePerTarget: 400 }) });
    expect(free.result.tally.pacedTo).toBeLessThan(200);
    expect(forced.result.tally.pacedTo ?? 400).toBeGreaterThanOrEqual(400);
  });
});

describe('A silence of an earlier delivery', () => {
  it('keeps its verdict when the time of its host is up', async () => {
    const network = virtualNetwork({ [HOST]: { treat: () => 'silent', rtt: 20 } });
    const chunk = chunkOf(tcp(...Array.from({ length: 9_000 }, (_, index) => index + 1)), [HOST]);
    const codes = new Uint8Array(chunk.size).fill(verdictCode('filtered/no-response'), 0, 100);
    const targets = targetsOf({ hostTimeout: millis(300) });
    const engine = startEngine(chunk, T3, { ...network, budget: makeSocketBudget(500), targets, codes });
    const all = verdicts(await network.run(engine.result));
    expect(count(all.slice(0, 100), 'filtered/no-response')).toBe(100);
    expect(count(all, 'unprobed/host-timeout')).toBe(8_900);
  });
});
