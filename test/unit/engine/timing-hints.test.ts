import { describe, expect, it } from 'vitest';
import type { Probe } from '../../../shared/domain/probe.ts';
import { isShared } from '../../../shared/domain/timing-hints.ts';
import { TIMING_TEMPLATES } from '../../../shared/domain/timing-template.ts';
import { epochMillis, millis, type PortNumber } from '../../../shared/domain/units.ts';
import { makeCongestionWindow } from '../../../shared/engine/target/congestion-window.ts';
import { makeRetryPolicy } from '../../../shared/engine/target/retry-policy.ts';
import { makeRttEstimator } from '../../../shared/engine/target/rtt-estimator.ts';
import { makeTargetStates } from '../../../shared/engine/target/target-state.ts';
import { manualClock } from '../../helpers/manual-clock.ts';
import { sampleScan, sampleTimingHints } from '../../helpers/sample-scan.ts';

describe('A round-trip time of another worker', () => {
  const estimator = () => makeRttEstimator(TIMING_TEMPLATES.T4);
  const others = { smoothed: millis(80), variation: millis(20) };

  it('sets the timeout until there is a sample of our own', () => {
    const rtt = estimator();
    rtt.apply(others);
    expect(rtt.timeout()).toBe(80 + 4 * 20);
    rtt.apply({ ...others, smoothed: millis(120) });
    expect(rtt.timeout()).toBe(120 + 4 * 20);
  });

  it('does not shorten the wait after which a port is given up', () => {
    const rtt = estimator();
    rtt.apply(others);
    expect(rtt.timeout(true)).toBe(TIMING_TEMPLATES.T4.initialRttTimeout);
    rtt.apply({ ...others, smoothed: millis(1_000) });
    expect(rtt.timeout(true)).toBe(1_000 + 4 * 20);
  });

  it('gives way to our own first sample as if it had never been, and stays away', () => {
    const [hinted, plain] = [estimator(), estimator()];
    hinted.apply(others);
    for (const rtt of [hinted, plain]) rtt.sample(millis(200));
    hinted.apply(others);
    expect(hinted.measured()).toEqual(plain.measured());
    expect([hinted.timeout(), hinted.timeout(true)]).toEqual([plain.timeout(), plain.timeout()]);
  });

  it('is never passed on as if it were our own', () => {
    const rtt = estimator();
    rtt.apply(others);
    expect([rtt.measured(), rtt.smoothed()]).toEqual([null, null]);
  });

  it('stays within the template', () => {
    const [near, far] = [estimator(), estimator()];
    near.apply({ smoothed: millis(1), variation: millis(0) });
    far.apply({ smoothed: millis(9_000), variation: millis(0) });
    expect([near.timeout(), far.timeout()]).toEqual([100, 1_250]);
  });
});

describe('Losses that another worker saw', () => {
  it('raise the attempts at a silent port, up to the template, and never lower them', () => {
    const retries = makeRetryPolicy(7);
    const allowed = [5, 3, 40].map((attempts) => {
      retries.raise(attempts);
      return retries.attemptsAllowed();
    });
    expect(allowed).toEqual([5, 5, 7]);
    expect(retries.loss()).toBe(0);
  });

  it('grant no second attempt where the user wants no retries', () => {
    const retries = makeRetryPolicy(1);
    retries.raise(9);
    expect(retries.attemptsAllowed()).toBe(1);
  });
});

describe('A window of another worker', () => {
  const start = { initialWindow: 100, maxWindow: 1_000 };

  it('is where a fresh window begins, and from there it opens in slow start', () => {
    const window = makeCongestionWindow(start);
    window.apply(40);
    expect([window.size(), window.afterLoss()]).toEqual([40, 40]);
    for (let asks = 0; asks < 40; asks++) window.concluded();
    expect(window.size()).toBe(80);
  });

  it('never opens a window, and never takes it under its floor', () => {
    const [wide, narrow] = [makeCongestionWindow(start), makeCongestionWindow(start)];
    wide.apply(700);
    narrow.apply(1);
    expect([wide.size(), narrow.size()]).toEqual([100, 25]);
  });

  it('is of no interest once we have probed for ourselves', () => {
    const [opened, lossy] = [makeCongestionWindow(start), makeCongestionWindow(start)];
    opened.concluded();
    opened.apply(40);
    expect([opened.size(), opened.afterLoss()]).toEqual([101, null]);
    lossy.lost(millis(10), 100, millis(20));
    lossy.apply(30);
    expect([lossy.size(), lossy.afterLoss()]).toEqual([50, 50]);
  });
});

describe('What a target has taught', () => {
  const address = sampleTimingHints().address;
  const clock = manualClock();
  const stateOf = () => makeTargetStates(TIMING_TEMPLATES.T4, 1).of(address);

  it('is nothing to tell of before the first round trip, whatever others have told', () => {
    const state = stateOf();
    state.apply(sampleTimingHints({ attempts: 5, window: 80 }), clock);
    expect(state.hints(clock)).toBeUndefined();
  });

  it('is told with the losses that others saw', () => {
    const state = stateOf();
    state.apply(sampleTimingHints({ attempts: 5, window: 80 }), clock);
    state.rtt.sample(millis(40));
    expect(state.hints(clock)).toMatchObject({ address, smoothedRtt: 40, rttVariation: 20, attempts: 5, window: 80 });
  });

  it('is taken over by a state that knows nothing', () => {
    const state = stateOf();
    state.apply({ ...sampleTimingHints({ attempts: 4 }), smoothedRtt: millis(150), rttVariation: millis(10) }, clock);
    expect([state.rtt.timeout(), state.retries.attemptsAllowed()]).toEqual([190, 4]);
    expect(state.window.size()).toBe(TIMING_TEMPLATES.T4.initialWindow);
  });
});

describe('A port by which another worker heard the target', () => {
  const { address } = sampleTimingHints();
  const probe = (port: number): Probe => ({ address, protocol: 'tcp', port: port as PortNumber });

  it('is told with when that was, the closed and the open one', () => {
    const clock = manualClock();
    const state = makeTargetStates(TIMING_TEMPLATES.T4, 1).of(address);
    state.rtt.sample(millis(40));
    expect(state.hints(clock)).toMatchObject({ closedPort: null, openPort: null, heardAt: null });
    state.hearing.heard(millis(0), clock.now());
    state.hearing.addControl(probe(81), true);
    state.hearing.addControl(probe(80), false);
    const heardAt = clock.wall();
    clock.advance(millis(500));
    expect(state.hints(clock)).toMatchObject({ closedPort: 81, openPort: 80, heardAt });
  });

  it('is pinged by a worker that has heard nothing itself, and counts as heard when the other heard it', () => {
    const clock = manualClock();
    clock.advance(millis(10_000));
    const heardAt = epochMillis(clock.wall() - 3_000);
    const state = makeTargetStates(TIMING_TEMPLATES.T4, 1).of(address);
    const { hearing } = state;
    state.apply(sampleTimingHints({ closedPort: 81 as PortNumber, heardAt }), clock);
    expect([hearing.state, hearing.canPing, hearing.control()?.port]).toEqual(['heard', true, 81]);
    expect(clock.now() - hearing.lastHeardAt).toBe(3_000);
  });
});

describe('The chunks of a scan', () => {
  it('share what they learn only where several of them probe one address', () => {
    const { geometry } = sampleScan({ chunks: 3 }).plan;
    const cuts = [
      geometry,
      { ...geometry, chunks: 1 },
      { ...geometry, addressCount: 3 },
      { ...geometry, kind: 'whole' },
    ];
    expect(cuts.map((cut) => isShared(cut as typeof geometry))).toEqual([true, false, false, false]);
  });
});
