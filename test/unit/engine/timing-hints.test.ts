import { describe, expect, it } from 'vitest';
import { isShared } from '../../../shared/domain/timing-hints.ts';
import { TIMING_TEMPLATES } from '../../../shared/domain/timing-template.ts';
import { millis } from '../../../shared/domain/units.ts';
import { makeCongestionWindow } from '../../../shared/engine/target/congestion-window.ts';
import { makeRetryPolicy } from '../../../shared/engine/target/retry-policy.ts';
import { makeRttEstimator } from '../../../shared/engine/target/rtt-estimator.ts';
import { makeTargetStates } from '../../../shared/engine/target/target-state.ts';
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

  it('does not shorten the ask after which a port is given up', () => {
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
  it('raise the asks of a silent port, up to the template, and never lower them', () => {
    const retries = makeRetryPolicy(7);
    const allowed = [5, 3, 40].map((attempts) => {
      retries.raise(attempts);
      return retries.attemptsAllowed();
    });
    expect(allowed).toEqual([5, 5, 7]);
    expect(retries.loss()).toBe(0);
  });

  it('grant no second ask where the user wants no retries', () => {
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

  it('is of no interest once we have asked for ourselves', () => {
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
  const stateOf = () => makeTargetStates(TIMING_TEMPLATES.T4, 1).of(address);

  it('is nothing to tell of before the first round trip, whatever others have told', () => {
    const state = stateOf();
    state.apply(sampleTimingHints({ attempts: 5, window: 80 }));
    expect(state.hints()).toBeUndefined();
  });

  it('is told with the losses that others saw', () => {
    const state = stateOf();
    state.apply(sampleTimingHints({ attempts: 5, window: 80 }));
    state.rtt.sample(millis(40));
    expect(state.hints()).toEqual({ address, smoothedRtt: 40, rttVariation: 20, attempts: 5, window: 80 });
  });

  it('is taken over by a state that knows nothing', () => {
    const state = stateOf();
    state.apply({ ...sampleTimingHints({ attempts: 4 }), smoothedRtt: millis(150), rttVariation: millis(10) });
    expect([state.rtt.timeout(), state.retries.attemptsAllowed()]).toEqual([190, 4]);
    expect(state.window.size()).toBe(TIMING_TEMPLATES.T4.initialWindow);
  });
});

describe('The chunks of a scan', () => {
  it('share what they learn only where several of them ask one address', () => {
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
