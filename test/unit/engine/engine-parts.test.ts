import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TIMING_TEMPLATES } from '../../../shared/domain/timing-template.ts';
import { millis } from '../../../shared/domain/units.ts';
import { classify, silenceOf } from '../../../shared/engine/classify.ts';
import { makeDeadlineQueue, makeFifo } from '../../../shared/engine/queues.ts';
import { makeSocketBudget } from '../../../shared/engine/socket-budget.ts';
import { makeCongestionWindow } from '../../../shared/engine/target/congestion-window.ts';
import { makeRateLimiter } from '../../../shared/engine/target/rate-limiter.ts';
import { makeRetryPolicy } from '../../../shared/engine/target/retry-policy.ts';
import { makeRttEstimator } from '../../../shared/engine/target/rtt-estimator.ts';

describe('classify', () => {
  it.each([
    ['tcp', 'ECONNREFUSED', 'closed/conn-refused'],
    ['tcp', 'ECONNRESET', 'open/syn-ack'],
    ['tcp', 'EHOSTUNREACH', 'filtered/host-unreach'],
    ['tcp', 'ENETUNREACH', 'filtered/net-unreach'],
    ['tcp', 'EACCES', 'filtered/admin-prohibited'],
    ['tcp', 'ENOPROTOOPT', 'filtered/proto-unreach'],
    ['udp', 'ECONNREFUSED', 'closed/port-unreach'],
    ['udp', 'EHOSTUNREACH', 'filtered/host-unreach'],
  ] as const)('takes %s %s for %s, for good', (protocol, errno, verdict) => {
    expect(classify(protocol, { kind: 'errno', errno })).toEqual({ kind: 'settled', verdict });
  });

  it.each([
    ['EMFILE', 'no-descriptor'],
    ['ENFILE', 'no-descriptor'],
    ['ENOBUFS', 'no-memory'],
    ['ENOMEM', 'no-memory'],
    ['EADDRNOTAVAIL', 'no-local-port'],
    ['EAGAIN', 'no-local-port'],
    ['EPERM', 'not-permitted'],
    ['EWHATEVER', 'local-fault'],
  ] as const)('never makes a state of %s', (errno, cause) => {
    expect(classify('tcp', { kind: 'errno', errno })).toEqual({ kind: 'local-fault', cause });
    expect(classify('udp', { kind: 'errno', errno })).toEqual({ kind: 'local-fault', cause });
  });

  it('takes the kernel giving up for silence, which means more in TCP than in UDP', () => {
    expect(classify('tcp', { kind: 'errno', errno: 'ETIMEDOUT' })).toEqual({ kind: 'silent' });
    expect([silenceOf('tcp'), silenceOf('udp')]).toEqual(['filtered/no-response', 'open|filtered/no-response']);
  });
});

describe('the RTT estimator', () => {
  const estimator = () => makeRttEstimator(TIMING_TEMPLATES.T4);

  it('waits as long as the template says until the first answer', () => {
    expect(estimator().timeout()).toBe(500);
    expect(estimator().smoothed()).toBeNull();
  });

  it('follows RFC 6298: SRTT + 4 RTTVAR, with gains of 1/8 and 1/4', () => {
    const rtt = estimator();
    rtt.sample(millis(80));
    expect(rtt.timeout()).toBe(80 + 4 * 40);
    rtt.sample(millis(120));
    expect(rtt.smoothed()).toBe((7 / 8) * 80 + (1 / 8) * 120);
    expect(rtt.timeout()).toBe(85 + 4 * ((3 / 4) * 40 + (1 / 4) * 40));
  });

  it('stays within the template', () => {
    const [near, far] = [estimator(), estimator()];
    near.sample(millis(0.1));
    far.sample(millis(900));
    expect([near.timeout(), far.timeout()]).toEqual([100, 1_250]);
  });

  it('takes an answer that may be to a SYN the kernel repeated only as long as it has no better', () => {
    const rtt = estimator();
    rtt.sample(millis(1_040));
    expect(rtt.smoothed()).toBe(1_040);
    rtt.sample(millis(40));
    rtt.sample(millis(1_040));
    expect(rtt.smoothed()).toBe(40);
  });
});

describe('the congestion window', () => {
  const start = { initialWindow: 100, maxWindow: 1_000 };
  const concludeTimes = (window: ReturnType<typeof makeCongestionWindow>, times: number) => {
    for (let index = 0; index < times; index++) window.concluded();
    return window.size();
  };

  it('doubles with each window that was concluded, silent or not, up to the most', () => {
    const window = makeCongestionWindow(start);
    expect(concludeTimes(window, 100)).toBe(200);
    expect(concludeTimes(window, 5_000)).toBe(1_000);
  });

  it('halves what is in flight at a loss, and then grows by one a window', () => {
    const window = makeCongestionWindow(start);
    concludeTimes(window, 300);
    window.lost(millis(10), 400, millis(20));
    expect(window.size()).toBe(200);
    expect(concludeTimes(window, 201)).toBe(201);
  });

  it('reduces once for all the losses of one window', () => {
    const window = makeCongestionWindow(start);
    window.lost(millis(10), 100, millis(20));
    window.lost(millis(15), 100, millis(21));
    expect(window.size()).toBe(50);
    window.lost(millis(22), 50, millis(30));
    expect(window.size()).toBe(25);
  });

  it('never falls under a quarter of where it started', () => {
    const window = makeCongestionWindow(start);
    for (let at = 1; at < 20; at++) window.lost(millis(at * 10), 2, millis(at * 10 + 5));
    expect(window.size()).toBe(25);
  });
});

describe('the retry policy', () => {
  it('grants two probes where nothing was seen lost, however many ports answer', () => {
    const retries = makeRetryPolicy(11);
    for (let port = 0; port < 10_000; port++) retries.answered(1);
    expect([retries.attemptsAllowed(), retries.loss()]).toEqual([2, 0]);
  });

  it('grants so many probes that less than a thousandth of a port is missed, and never more than the template', () => {
    const [patient, insane] = [makeRetryPolicy(11), makeRetryPolicy(3)];
    for (const retries of [patient, insane]) {
      for (let port = 0; port < 900; port++) retries.answered(1);
      for (let port = 0; port < 100; port++) retries.answered(2);
    }
    const missed = 1_000 * patient.loss() ** patient.attemptsAllowed();
    expect(missed).toBeLessThan(0.001);
    expect(patient.attemptsAllowed()).toBeGreaterThan(4);
    expect(insane.attemptsAllowed()).toBe(3);
  });

  it('grants a single probe where the user wants no retries', () => {
    expect(makeRetryPolicy(1).attemptsAllowed()).toBe(1);
  });
});

describe('the rate limiter', () => {
  it('lets no more than its rate through in any second, whatever the callers do', () => {
    const pauses = fc.array(fc.double({ min: 0, max: 700, noNaN: true }), { maxLength: 12 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), pauses, (rate, gaps) => {
        const limiter = makeRateLimiter(rate);
        const taken: number[] = [];
        let now = 0;
        for (const gap of [...gaps, 0]) {
          now += gap;
          for (let tries = 0; tries < 600; tries++, now += 1) while (limiter.tryTake(millis(now))) taken.push(now);
        }
        return taken.every((at, index) => {
          const next = taken[index + rate];
          return next === undefined || next - at >= 1_000 - 1e-6;
        });
      }),
      { numRuns: 50 },
    );
  });

  it('reaches its rate within two per cent when it is called often enough', () => {
    const limiter = makeRateLimiter(3_000);
    let taken = 0;
    for (let now = 0; now < 10_000; now++) while (limiter.tryTake(millis(now))) taken += 1;
    expect(taken).toBeGreaterThan(10 * 3_000 * 0.98);
  });

  it('makes up for a loop that comes late, and reaches its rate all the same', () => {
    const limiter = makeRateLimiter(3_000);
    let taken = 0;
    for (let now = 0; now < 10_000; now += 20) while (limiter.tryTake(millis(now))) taken += 1;
    expect(taken).toBeGreaterThan(10 * 3_000 * 0.99);
  });

  it('lets nothing through at once after a pause but the one probe that is due', () => {
    const limiter = makeRateLimiter(3_000);
    while (limiter.tryTake(millis(0)));
    const afterPause = [limiter.tryTake(millis(5_000)), limiter.tryTake(millis(5_000))];
    expect(afterPause).toEqual([true, false]);
  });

  it('knows rates under one a second, and none at all', () => {
    const slow = makeRateLimiter(1 / 15);
    expect([slow.tryTake(millis(0)), slow.wait(millis(0))]).toEqual([true, 15_000]);
    expect(makeRateLimiter(null).wait(millis(0))).toBe(0);
  });
});

describe('the socket budget', () => {
  it('never hands out more than it has, and wakes who waits when one comes back', () => {
    const budget = makeSocketBudget(2);
    let woken = 0;
    expect([budget.tryTake(), budget.tryTake(), budget.tryTake()]).toEqual([true, true, false]);
    budget.whenFree(() => {
      woken += 1;
    });
    budget.give();
    budget.give();
    expect([woken, budget.taken]).toEqual([1, 0]);
  });

  it('falls to what the system allows, never under one, and grows back with use', () => {
    const budget = makeSocketBudget(3);
    for (let socket = 0; socket < 3; socket++) budget.tryTake();
    budget.refused();
    expect(budget.capacity).toBe(2);
    for (let socket = 0; socket < 3; socket++) budget.give();
    budget.tryTake();
    budget.refused();
    expect(budget.capacity).toBe(1);
    for (let socket = 0; socket < 1_000; socket++) {
      budget.give();
      budget.tryTake();
    }
    expect(budget.capacity).toBe(3);
  });
});

describe('the deadline queue', () => {
  it('gives out every item that was not removed, not before its deadline and at most a grain later', () => {
    const items = fc.array(fc.record({ deadline: fc.integer({ min: 0, max: 500 }).map(millis), over: fc.boolean() }));
    fc.assert(
      fc.property(items, (all) => {
        const queue = makeDeadlineQueue<(typeof all)[number]>();
        for (const item of all) queue.add(item);
        for (const item of all) if (item.over) queue.remove(item);
        const seen: (typeof all)[number][] = [];
        for (let now = 0; now <= 510; now += 3) {
          for (const item of queue.takeDue(millis(now))) {
            if (item.deadline > now || now - item.deadline > 8) return false;
            seen.push(item);
          }
        }
        return seen.length === all.filter(({ over }) => !over).length && queue.next() === undefined;
      }),
    );
  });
});

describe('the queue of offsets', () => {
  it('gives back what it was given, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(), fc.constant(null)), { maxLength: 5_000 }), (steps) => {
        const [fifo, model] = [makeFifo(), [] as number[]];
        return steps.every((step) => {
          if (step === null) return fifo.shift() === model.shift();
          fifo.push(step);
          model.push(step);
          return fifo.length === model.length;
        });
      }),
    );
  });
});
