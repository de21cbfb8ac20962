import { describe, expect, it } from 'vitest';
import type { Probe } from '../../../shared/domain/probe.ts';
import { TIMING_NAMES, TIMING_TEMPLATES } from '../../../shared/domain/timing-template.ts';
import { millis, type PortNumber } from '../../../shared/domain/units.ts';
import { verdictOf } from '../../../shared/domain/verdict.ts';
import { makeSocketBudget } from '../../../shared/engine/socket-budget.ts';
import { Hearing } from '../../../shared/engine/target/hearing.ts';
import { makeTargetStates } from '../../../shared/engine/target/target-state.ts';
import { chunkOf, startEngine, tcp } from '../../helpers/run-engine.ts';
import {
  awayBetween,
  everyNthOpen,
  HOST,
  START,
  scanVirtually,
  type VirtualHost,
  virtualNetwork,
} from '../../helpers/virtual-network.ts';

const QUICK = TIMING_NAMES.filter((name) => ['T3', 'T4', 'T5'].includes(name));
const multiples = (n: number, last: number): number[] =>
  Array.from({ length: last / n }, (_, index) => (index + 1) * n);

describe('a target that hiccups', () => {
  const cases = [
    ['T3', 2, 'closed'],
    ['T3', 5, 'silent'],
    ['T4', 5, 'closed'],
    ['T4', 2, 'silent'],
    ['T5', 2, 'closed'],
    ['T5', 5, 'silent'],
  ] as const;
  it.each(cases)('at %s for %i s, its other ports %s, costs at most twice as long', async (timing, length, rest) => {
    const host = { treat: everyNthOpen(250, rest), rtt: 50 };
    const undisturbed = await scanVirtually(host, 5_000, timing);
    const from = (undisturbed.seconds * 1_000) / 2;
    const isAway = awayBetween(from, from + length * 1_000);
    const { seconds, counts, found, result } = await scanVirtually({ ...host, isAway }, 5_000, timing);
    expect(seconds).toBeLessThan(undisturbed.seconds + 2 * length);
    expect(counts).toEqual(undisturbed.counts);
    expect(found).toEqual(multiples(250, 5_000));
    expect(result.tally).not.toHaveProperty('pacedTo');
    expect(result.tally.incidents).toMatchObject([{ kind: 'went-silent', address: HOST, ports: 0 }]);
  });

  it('before it was ever heard loses no port for it either', async () => {
    const host = { treat: everyNthOpen(500, 'silent'), rtt: 50, isAway: awayBetween(0, 5_000) };
    expect((await scanVirtually(host, 5_000, 'T3')).found).toEqual(multiples(500, 5_000));
  });
});

describe('a target that goes silent for good', () => {
  /** Bans whoever sent so many probes, as a port sentry or fail2ban does. */
  const banning = (after: number, rest: 'closed' | 'silent'): VirtualHost => ({
    treat: (port, _at, arrived) => (arrived > after ? 'silent' : everyNthOpen(100, rest)(port, 0, 0)),
    rtt: 50,
  });

  it.each(QUICK)('leaves no port filtered for it at %s, and the report says since when', async (timing) => {
    const { counts, result } = await scanVirtually(banning(2_500, 'closed'), 5_000, timing);
    expect(counts['filtered/no-response']).toBeUndefined();
    const lost = counts['unprobed/target-went-silent'] ?? 0;
    expect(lost).toBeGreaterThan(2_000);
    expect((counts['closed/conn-refused'] ?? 0) + (counts['open/syn-ack'] ?? 0)).toBe(5_000 - lost);
    const [incident] = result.tally.incidents ?? [];
    expect(incident).toMatchObject({ kind: 'went-silent', address: HOST, until: null, ports: lost });
    expect(incident?.from).toBeGreaterThan(START);
    expect(result.tally).not.toHaveProperty('pacedTo');
  });

  it('keeps as filtered what was silent while it could still be heard', async () => {
    const { counts } = await scanVirtually(banning(6_000, 'silent'), 5_000, 'T3');
    expect(counts['filtered/no-response']).toBeGreaterThan(1_000);
    expect(counts['unprobed/target-went-silent']).toBeGreaterThan(500);
  });

  it('is noticed at the very end too, where few ports are left to tell', async () => {
    const { counts } = await scanVirtually(banning(20, 'closed'), 40, 'T4');
    expect(counts['filtered/no-response']).toBeUndefined();
    expect(counts['unprobed/target-went-silent']).toBeGreaterThan(15);
  });

  it('is no news for a chunk that begins later: that tries some pings, and gives up at once', async () => {
    const { clock, prober, run } = virtualNetwork({ [HOST]: banning(1_000, 'closed') });
    const over = { clock, prober, targets: makeTargetStates(TIMING_TEMPLATES.T3, 1) };
    const chunk = (first: number) =>
      chunkOf(tcp(...Array.from({ length: 1_500 }, (_, index) => first + index)), [HOST]);
    await run(startEngine(chunk(1), TIMING_TEMPLATES.T3, over).result);
    const [before, sent] = [clock.now(), prober.sent.length];
    const { codes } = await run(startEngine(chunk(2_001), TIMING_TEMPLATES.T3, over).result);
    expect(new Set(Array.from(codes, verdictOf))).toEqual(new Set(['unprobed/target-went-silent']));
    expect(clock.now() - before).toBeLessThan(1_000);
    expect(prober.sent.length - sent).toBeLessThan(1_500);
  });

  it('is given up in time to say so, where the time is short', async () => {
    const { clock, prober, run } = virtualNetwork({ [HOST]: banning(1_000, 'closed') });
    const over = { clock, prober, deadline: millis(24_000) };
    const engine = startEngine(chunkOf(tcp(...multiples(1, 3_000)), [HOST]), TIMING_TEMPLATES.T3, over);
    const seen = new Set(Array.from((await run(engine.result)).codes, verdictOf));
    expect(seen).toEqual(new Set(['open/syn-ack', 'closed/conn-refused', 'unprobed/target-went-silent']));
    expect(clock.now()).toBeLessThan(12_000);
  });

  it('counts what a router says of a host that it cannot reach as part of the silence', async () => {
    const host: VirtualHost = {
      treat: (port, at) => (at > 500 ? 'unreachable' : everyNthOpen(100, 'closed')(port, 0, 0)),
      rtt: 20,
    };
    const { counts } = await scanVirtually(host, 5_000, 'T3');
    expect(counts['filtered/host-unreach']).toBeUndefined();
    expect(counts['unprobed/target-went-silent']).toBeGreaterThan(1_000);
  });
});

describe('a target that rejects', () => {
  it('has each port probed once, before and after its first answer', async () => {
    const host: VirtualHost = { treat: (port) => (port === 500 ? 'open' : 'unreachable'), rtt: 10 };
    const { counts, sent } = await scanVirtually(host, 1_000, 'T4');
    expect(counts).toEqual({ 'open/syn-ack': 1, 'filtered/host-unreach': 999 });
    expect(sent).toBe(1_000);
  });
});

describe('a target that is far', () => {
  it.each([
    ['T3', 1_200],
    ['T3', 2_000],
    ['T4', 1_200],
  ] as const)('has all its ports told at %s and a round trip of %i ms', async (timing, rtt) => {
    const { counts, found } = await scanVirtually({ treat: everyNthOpen(125, 'closed'), rtt }, 5_000, timing);
    expect(counts).toEqual({ 'open/syn-ack': 40, 'closed/conn-refused': 4_960 });
    expect(found).toEqual(multiples(125, 5_000));
  });

  it('keeps two sockets of a silent target open longer, and no third', async () => {
    const { clock, prober, run } = virtualNetwork({ [HOST]: { treat: () => 'silent', rtt: 50 } });
    const budget = makeSocketBudget(100);
    const engine = startEngine(chunkOf(tcp(1, 2, 3, 4), [HOST]), TIMING_TEMPLATES.T3, { clock, prober, budget });
    const taken: number[] = [];
    for (const at of [900, 1_900, 2_500, 2_950]) clock.after(millis(at), () => taken.push(budget.taken));
    await run(engine.result);
    expect(taken).toEqual([4, 6, 2, 2]);
    expect(clock.now()).toBeLessThan(3_100);
  });

  it('costs a long sweep of a silent target nothing', async () => {
    const { seconds, sent } = await scanVirtually({ treat: () => 'silent', rtt: 50 }, 5_000, 'T3');
    expect(sent).toBe(10_000);
    expect(seconds).toBeLessThan(9.7);
  });
});

describe('a checkpoint', () => {
  it('holds no silence that is taken back later, whenever the run is killed', async () => {
    const host: VirtualHost = { treat: everyNthOpen(50, 'closed'), rtt: 50, isAway: awayBetween(400, 3_000) };
    const { clock, prober, run } = virtualNetwork({ [HOST]: host });
    const engine = startEngine(chunkOf(tcp(...multiples(1, 5_000)), [HOST]), TIMING_TEMPLATES.T4, { clock, prober });
    const kept: Uint8Array[] = [];
    for (let at = 50; at < 4_000; at += 50) clock.after(millis(at), () => kept.push(engine.snapshot().codes));
    const { codes } = await run(engine.result);
    const takenBack = kept.flatMap((each) => [...each.keys()].filter((at) => each[at] !== 0 && each[at] !== codes[at]));
    expect(takenBack).toEqual([]);
    expect(kept.some((each) => each.some((code) => code !== 0))).toBe(true);
  });

  it('of a stopped run leaves pending what was silent since the target was last heard', async () => {
    const host: VirtualHost = { treat: everyNthOpen(50, 'closed'), rtt: 50, isAway: awayBetween(100, 60_000) };
    const { clock, prober, run } = virtualNetwork({ [HOST]: host });
    const over = { clock, prober, deadline: millis(900) };
    const engine = startEngine(chunkOf(tcp(...multiples(1, 5_000)), [HOST]), TIMING_TEMPLATES.T4, over);
    const { codes } = await run(engine.result);
    expect(new Set(Array.from(codes, verdictOf))).toEqual(new Set(['open/syn-ack', 'closed/conn-refused', 'pending']));
  });

  it('lets the next delivery know that the target was heard', async () => {
    const host: VirtualHost = { treat: everyNthOpen(50, 'closed'), rtt: 50, isAway: awayBetween(100, 120_000) };
    const { clock, prober, run } = virtualNetwork({ [HOST]: host });
    const chunk = chunkOf(tcp(...multiples(1, 5_000)), [HOST]);
    const first = startEngine(chunk, TIMING_TEMPLATES.T4, { clock, prober, deadline: millis(2_000) });
    const { codes } = await run(first.result);
    const again = startEngine(chunk, TIMING_TEMPLATES.T4, { clock, prober, codes });
    const seen = new Set(Array.from((await run(again.result)).codes, verdictOf));
    expect(seen).toEqual(new Set(['open/syn-ack', 'closed/conn-refused', 'unprobed/target-went-silent']));
  });
});

describe('hearing', () => {
  const probe = (port: number): Probe => ({ address: HOST, protocol: 'tcp', port: port as PortNumber });
  const heardAt = (at: number): Hearing => {
    const hearing = new Hearing({ patience: millis(10_000), attempts: () => 2, onCrowded: () => {} });
    hearing.heard(millis(at - 20), millis(at - 15));
    hearing.heard(millis(at - 10), millis(at));
    hearing.addControl(probe(22), false);
    return hearing;
  };
  const sendMany = (hearing: Hearing, at: number): void => {
    for (let probes = 0; probes < 100; probes++) hearing.sent(false, millis(at));
  };

  it('asks for a ping when a target that answered was silent for a quarter of a second under 100 probes', () => {
    const hearing = heardAt(1_000);
    sendMany(hearing, 1_000);
    expect([1_249, 1_250].map((at) => hearing.isPingDue(millis(at), null))).toEqual([false, true]);
    hearing.sent(true, millis(1_250));
    expect([1_299, 1_300].map((at) => hearing.isPingDue(millis(at), null))).toEqual([false, true]);
    hearing.pingEnded(true, millis(1_250), millis(1_260));
    expect(hearing.isPingDue(millis(2_000), null)).toBe(false);
  });

  it('pings closed ports rather than open ones, each time another', () => {
    const hearing = heardAt(1_000);
    for (const port of [1, 2]) hearing.addControl(probe(port), true);
    const pinged = [hearing.control(), hearing.control(), hearing.control()].map((each) => each?.port);
    expect(new Set(pinged)).toEqual(new Set([1, 2]));
  });

  it('takes a target for silent after three pings in a row, and voids what was sent since it was last heard', () => {
    const hearing = heardAt(1_000);
    for (const at of [1_300, 1_350, 1_400]) hearing.sent(true, millis(at));
    const states = [1_300, 1_350, 1_400].map((at) => {
      hearing.pingEnded(false, millis(at), millis(at + 100));
      return hearing.state;
    });
    expect(states).toEqual(['heard', 'heard', 'silent']);
    expect([hearing.isVoid(millis(985)), hearing.isVoid(millis(1_200))]).toEqual([false, true]);
    hearing.heard(millis(3_000), millis(3_010));
    expect(hearing.state).toBe('heard');
    expect([2_999, 3_001].map((at) => hearing.isVoid(millis(at)))).toEqual([true, false]);
  });

  it('does not take lost pings for silence while other ports are heard', () => {
    const hearing = heardAt(1_000);
    for (const at of [1_300, 1_350, 1_400]) hearing.sent(true, millis(at));
    for (const at of [1_300, 1_350, 1_400]) {
      hearing.heard(millis(at + 1), millis(at + 11));
      hearing.pingEnded(false, millis(at), millis(at + 100));
    }
    expect(hearing.state).toBe('heard');
  });

  it('pings a silent target ever more seldom, and gives it up when the patience is over', () => {
    const hearing = heardAt(1_000);
    let now = 1_300;
    const gaps: number[] = [];
    for (let pings = 0; hearing.state !== 'gone' && pings < 100; pings++) {
      const wait = hearing.untilPing(millis(now), null);
      if (hearing.state === 'silent') gaps.push(wait);
      now += Number.isFinite(wait) ? wait : 0;
      hearing.sent(true, millis(now));
      hearing.pingEnded(false, millis(now), millis(now + 1));
    }
    expect(hearing.state).toBe('gone');
    expect(now).toBeGreaterThan(11_000);
    expect(now).toBeLessThan(14_000);
    expect(gaps.length).toBeLessThan(40);
  });
});
