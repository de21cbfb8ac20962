import { describe, expect, it } from 'vitest';
import type { Probe } from '../../../shared/domain/probe.ts';
import type { Address, PortNumber } from '../../../shared/domain/units.ts';
import { millis, seed } from '../../../shared/domain/units.ts';
import { verdictCode } from '../../../shared/domain/verdict.ts';
import { makeTargetRateControl, type TargetRateControl } from '../../../shared/engine/target/rate-control.ts';
import { makeRetryPolicy } from '../../../shared/engine/target/retry-policy.ts';
import { makeTimingPings } from '../../../shared/engine/target/timing-pings.ts';
import { netProber } from '../../../shared/net/prober.ts';
import { permutation } from '../../../shared/plan/permutation.ts';
import { holdingBack, makeBucket } from '../../helpers/limited-host.ts';
import { closedPort, openPort } from '../../helpers/ports.ts';
import { chunkOf, countingProber, startEngine, TEST_TIMING, tcp, verdicts } from '../../helpers/run-engine.ts';

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

describe('the pace of a target', () => {
  it('is let alone, and nobody pinged, as long as no losses are seen', () => {
    const pace = makeTargetRateControl();
    pace.lossesSeen(7, 0.9);
    pace.lossesSeen(100, 0.2);
    expect(askFor(1, pace, () => true)).toBe(20_000);
    expect([pace.wantsPing(), pace.limit(), pace.countsFrom()]).toEqual([false, null, 0]);
  });

  it.each([50, 200, 500, 2_000])('comes down to what a target lets through: %i a second', (perSecond) => {
    const pace = makeTargetRateControl();
    const bucket = makeBucket(perSecond, Math.max(1, perSecond / 20));
    pace.lossesSeen(10, 0.5);
    askFor(30, pace, (at) => bucket.take(at));
    expect(pace.limit()).toBeGreaterThan(perSecond / 2);
    expect(pace.limit()).toBeLessThan(perSecond * 1.5);
    expect(pace.countsFrom()).toBeGreaterThan(0);
  });

  it('is given back where the line loses the same share at any pace', () => {
    const order = permutation(1_000_000, seed(7));
    let asked = 0;
    const pace = makeTargetRateControl();
    pace.lossesSeen(10, 0.5);
    askFor(5, pace, () => order(asked++) >= 500_000);
    expect([pace.limit(), pace.wantsPing(), pace.limiter().wait(millis(6_000))]).toEqual([null, false, 0]);
  });

  it('is given back where the target has stopped answering', () => {
    const pace = makeTargetRateControl();
    pace.fellSilent();
    askFor(10, pace, () => false);
    expect([pace.limit(), pace.wantsPing(), pace.limiter().wait(millis(20_000))]).toEqual([null, false, 0]);
  });
});

describe('timing pings', () => {
  const probe = (port: number): Probe => ({
    address: '127.0.0.1' as Address,
    protocol: 'tcp',
    port: port as PortNumber,
  });
  const askOften = (pings: ReturnType<typeof makeTimingPings>): void => {
    for (let asks = 0; asks < 100; asks++) pings.sent(false);
  };

  it('are due when a target that has answered was silent for a quarter of a second and asked all the time', () => {
    const pings = makeTimingPings();
    askOften(pings);
    expect(pings.isDue(millis(1_000))).toBe(false);
    pings.addControl(probe(22), false);
    pings.heard(millis(1_000));
    expect([pings.isDue(millis(1_249)), pings.isDue(millis(1_250))]).toEqual([false, true]);
    pings.sent(true);
    expect(pings.isDue(millis(2_000))).toBe(false);
    pings.ended(true, millis(1_300));
    expect(pings.isDue(millis(2_000))).toBe(false);
  });

  it('go to closed ports rather than to open ones, each time another', () => {
    const pings = makeTimingPings();
    for (const [port, isClosed] of [
      [22, false],
      [1, true],
      [2, true],
    ] as const)
      pings.addControl(probe(port), isClosed);
    const asked = [pings.next(), pings.next(), pings.next()].map((each) => each?.port);
    expect(new Set(asked)).toEqual(new Set([1, 2]));
  });

  it('are repeated at once when one is lost, and after three in a row the target counts as unheard', () => {
    const pings = makeTimingPings();
    pings.addControl(probe(22), false);
    askOften(pings);
    const attempts = [1, 2, 3].map(() => {
      pings.sent(true);
      return [pings.ended(false, millis(400)), pings.isDue(millis(400))];
    });
    expect(attempts).toEqual([
      [1, true],
      [2, true],
      [3, false],
    ]);
    expect(pings.areUnanswered()).toBe(true);
  });

  it('raise the asks of silent ports once two were lost, and what is forgotten lowers them again', () => {
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
  it('has every closed port told all the same, and the report says what was let through', async () => {
    const ports = await Promise.all(Array.from({ length: 400 }, closedPort));
    const run = startEngine(chunkOf(tcp(...ports)), TEST_TIMING, {
      prober: holdingBack(netProber, makeBucket(200, 10)),
    });
    const result = await run.result;
    expect(result.codes).toEqual(new Uint8Array(400).fill(verdictCode('closed/conn-refused')));
    expect(result.tally.pacedTo).toBeGreaterThan(50);
    expect(result.tally.pacedTo).toBeLessThan(400);
    expect(result.tally.pings).toBeGreaterThan(result.tally.pingsAnswered ?? 0);
  });

  it('asks nothing twice where nothing is held back', async () => {
    await using listener = await openPort();
    const ports = await Promise.all(Array.from({ length: 300 }, closedPort));
    const prober = countingProber();
    const result = await startEngine(chunkOf(tcp(listener.port, ...ports)), TEST_TIMING, { prober }).result;
    expect(verdicts(result)[0]).toBe('open/syn-ack');
    expect(result.tally.sent).toBe(new Set([listener.port, ...ports]).size);
    expect(result.tally).not.toHaveProperty('pings');
  });
});
