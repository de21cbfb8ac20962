import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Lab, withLab } from '../../bench/lab/lab.ts';
import { labMissing } from '../../bench/lab/lab-missing.ts';
import { TIMING_TEMPLATES, type Timing } from '../../shared/domain/timing-template.ts';
import { type Address, millis } from '../../shared/domain/units.ts';
import type { Verdict } from '../../shared/domain/verdict.ts';
import { makeSocketBudget } from '../../shared/engine/socket-budget.ts';
import { chunkOf, type EngineRun, startEngine, tcp, verdicts } from '../helpers/run-engine.ts';

const missing = labMissing();

const PORTS = Array.from({ length: 2_400 }, (_, index) => index + 1);
const OPEN = PORTS.filter((port) => port % 100 === 0);
const TOLD = { 'open/syn-ack': OPEN.length, 'closed/conn-refused': PORTS.length - OPEN.length };

/** What is far takes long enough with few ports. */
const FEW = PORTS.slice(0, 500);
const FEW_TOLD = { 'open/syn-ack': 5, 'closed/conn-refused': 495 };

/** Slow enough for something to happen in the middle. */
const STEADY: Timing = { ...TIMING_TEMPLATES.T4, ratePerTarget: 1_500 };

const sweep = (lab: Lab, timing: Timing, ports = PORTS): EngineRun =>
  startEngine(chunkOf(tcp(...ports), [lab.address as Address]), timing, { budget: makeSocketBudget(900) });

async function outcomeOf(run: EngineRun) {
  const result = await run.result;
  const counts: Partial<Record<Verdict, number>> = {};
  for (const verdict of verdicts(result)) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return { counts, tally: result.tally, found: run.found.map(({ port }) => port as number).sort((a, b) => a - b) };
}

/** Resolves when the scan is in its middle: so many SYNs have arrived. */
async function untilSyns(lab: Lab, count: number): Promise<void> {
  while ((await lab.packets()).syns < count) await delay(20);
}

describe.skipIf(missing)(
  `what befalls a target at the far end of a wire ${missing ? `(skipped: ${missing})` : ''}`,
  () => {
    it.each([
      ['T3', 2_000],
      ['T4', 1_200],
    ] as const)('loses no port at %s for a round trip of %i ms', async (timing, rtt) => {
      await withLab({ rtt }, async (lab) => {
        await lab.open(OPEN);
        const { counts, found } = await outcomeOf(
          sweep(lab, { ...TIMING_TEMPLATES[timing], ratePerTarget: null }, FEW),
        );
        expect(counts).toEqual(FEW_TOLD);
        expect(found).toEqual(OPEN.filter((port) => port <= FEW.length));
      });
    });

    it('hears nothing of a target 5 s away, and everything of it when it may wait 10 s', async () => {
      await withLab({ rtt: 5_000 }, async (lab) => {
        await lab.open(OPEN);
        const timing = { ...TIMING_TEMPLATES.T4, initialWindow: FEW.length, ratePerTarget: null };
        const unheard = await outcomeOf(sweep(lab, timing, FEW));
        expect([unheard.counts, unheard.tally.answered]).toEqual([{ 'filtered/no-response': FEW.length }, 0]);
        const patient = { ...timing, initialRttTimeout: millis(10_000), maxRttTimeout: millis(10_000) };
        expect((await outcomeOf(sweep(lab, patient, FEW))).counts).toEqual(FEW_TOLD);
      });
    });

    it.each([2_000, 5_000])(
      'takes back the silences of a hiccup of %i ms, and claims no rate limit',
      async (length) => {
        await withLab({ rtt: 40 }, async (lab) => {
          await lab.open(OPEN);
          const run = sweep(lab, STEADY);
          await untilSyns(lab, 800);
          await lab.dead();
          await delay(length);
          await lab.revive();
          const { counts, tally } = await outcomeOf(run);
          expect(counts).toEqual(TOLD);
          expect(tally).not.toHaveProperty('pacedTo');
          expect(tally.incidents).toMatchObject([{ kind: 'went-silent', address: lab.address, ports: 0 }]);
          const [incident] = tally.incidents ?? [];
          // A hiccup is noticed no later than the next ping, and ends with the first ping that is answered.
          expect((incident?.until ?? 0) - (incident?.from ?? 0)).toBeGreaterThanOrEqual(length);
        });
      },
    );

    it('calls nothing filtered that a ban has kept silent, and tells since when', async () => {
      await withLab({ rtt: 40 }, async (lab) => {
        await lab.open(OPEN);
        await lab.ban({ after: 1_200, by: 'silence' });
        const { counts, tally } = await outcomeOf(sweep(lab, { ...TIMING_TEMPLATES.T5, ratePerTarget: 3_000 }));
        const lost = counts['unprobed/target-went-silent'] ?? 0;
        expect(counts).not.toHaveProperty('filtered/no-response');
        expect((counts['open/syn-ack'] ?? 0) + (counts['closed/conn-refused'] ?? 0)).toBe(PORTS.length - lost);
        expect(lost).toBeGreaterThanOrEqual(PORTS.length - 1_200);
        expect(tally.incidents).toMatchObject([{ kind: 'went-silent', until: null, ports: lost }]);
      });
    });

    it('tells that a port sentry resets everything, and since when', async () => {
      await withLab({ rtt: 40 }, async (lab) => {
        await lab.open(OPEN);
        await lab.ban({ after: 1_200, by: 'resets' });
        const { counts, tally } = await outcomeOf(sweep(lab, STEADY));
        expect(counts['closed/conn-refused']).toBeGreaterThan(TOLD['closed/conn-refused']);
        expect(tally.incidents).toMatchObject([{ kind: 'reset-everything', address: lab.address, until: null }]);
        expect(tally.incidents?.[0]?.ports).toBeGreaterThan(500);
      });
    });

    it('waits out the loss of its own route, and tells every port', async () => {
      await withLab({ rtt: 40 }, async (lab) => {
        await lab.open(OPEN);
        const run = sweep(lab, STEADY);
        await untilSyns(lab, 800);
        await lab.withoutRoute(() => delay(2_000));
        const { counts, tally } = await outcomeOf(run);
        expect(counts).toEqual(TOLD);
        expect(tally).not.toHaveProperty('pacedTo');
      });
    });
  },
);
