import { describe, expect, it } from 'vitest';
import { TIMING_TEMPLATES } from '../../../shared/domain/timing-template.ts';
import { makeTargetStates } from '../../../shared/engine/target/target-state.ts';
import { chunkOf, startEngine, tcp } from '../../helpers/run-engine.ts';
import {
  everyNthOpen,
  HOST,
  START,
  scanVirtually,
  type VirtualHost,
  virtualNetwork,
} from '../../helpers/virtual-network.ts';

/** Resets everything once so many probes have come. */
const sentry = (after: number, rest: 'closed' | 'silent', nth = 50): VirtualHost => ({
  treat: (port, _at, arrived) => (arrived > after ? 'closed' : everyNthOpen(nth, rest)(port, 0, 0)),
  rtt: 20,
});

describe('a target that begins to reset everything', () => {
  it.each([
    ['T3', 'closed'],
    ['T4', 'silent'],
    ['T5', 'closed'],
  ] as const)('is told with the time, at %s, its other ports %s before', async (timing, rest) => {
    const { result, counts } = await scanVirtually(sentry(2_000, rest), 5_000, timing);
    const [incident, ...others] = result.tally.incidents ?? [];
    expect(others).toEqual([]);
    expect(incident).toMatchObject({ kind: 'reset-everything', address: HOST, until: null });
    expect(incident?.from).toBeGreaterThan(START);
    expect(incident?.ports).toBeGreaterThan(1_500);
    expect(incident?.ports).toBeLessThanOrEqual(counts['closed/conn-refused'] ?? 0);
  });

  it('is told of at the end as well, where few ports are left to reset', async () => {
    const { result } = await scanVirtually(sentry(4_850, 'closed'), 5_000, 'T3');
    expect(result.tally.incidents).toMatchObject([{ kind: 'reset-everything' }]);
    expect(result.tally.incidents?.[0]?.ports).toBeLessThan(300);
  });

  it('is told of until when, where it shows an open port again', async () => {
    const host: VirtualHost = {
      treat: (port, at) => (at > 300 && at < 1_000 ? 'closed' : everyNthOpen(20, 'closed')(port, 0, 0)),
      rtt: 20,
    };
    const { result } = await scanVirtually(host, 5_000, 'T3');
    const [incident] = result.tally.incidents ?? [];
    expect(incident).toMatchObject({ kind: 'reset-everything' });
    expect((incident?.until ?? 0) - START).toBeGreaterThan(990);
    expect((incident?.until ?? 0) - START).toBeLessThan(1_200);
  });

  it('is told by the chunk of another time, which meets nothing but resets', async () => {
    const { clock, prober, run } = virtualNetwork({ [HOST]: sentry(1_000, 'closed') });
    const over = { clock, prober, targets: makeTargetStates(TIMING_TEMPLATES.T4, 1) };
    const chunk = (first: number) => chunkOf(tcp(...Array.from({ length: 900 }, (_, index) => first + index)), [HOST]);
    expect((await run(startEngine(chunk(1), TIMING_TEMPLATES.T4, over).result)).tally).not.toHaveProperty('incidents');
    await run(startEngine(chunk(901), TIMING_TEMPLATES.T4, over).result);
    const { tally } = await run(startEngine(chunk(2_001), TIMING_TEMPLATES.T4, over).result);
    expect(tally.incidents).toMatchObject([{ kind: 'reset-everything', ports: 900 }]);
  });
});

describe('a target that resets most ports as ever', () => {
  it('is not suspected, its other ports silent', async () => {
    for (const nth of [20, 500, 4_999]) {
      const { result } = await scanVirtually({ treat: everyNthOpen(nth, 'silent'), rtt: 20 }, 5_000, 'T4');
      expect(result.tally).not.toHaveProperty('incidents');
    }
  });

  it('is not suspected, its other ports closed, and has few open ports probed again: not one probe in a hundred', async () => {
    for (const nth of [20, 100, 500, 4_999]) {
      const { result, sent } = await scanVirtually({ treat: everyNthOpen(nth, 'closed'), rtt: 20 }, 5_000, 'T4');
      expect(result.tally).not.toHaveProperty('incidents');
      expect(sent).toBeGreaterThanOrEqual(5_000);
      expect(sent).toBeLessThan(5_015);
    }
  });

  it.each([
    ['half of the packets are lost each way', { loss: 0.5 }],
    ['one service is stopped in mid-scan', {}],
  ])('is not suspected when %s', async (_, more) => {
    const host: VirtualHost = {
      treat: (port, at) => (port === 5 && at > 300 ? 'closed' : everyNthOpen(500, 'closed')(port, 0, 0)),
      rtt: 20,
      ...more,
    };
    for (const seed of [1, 2, 3]) {
      const { result } = await scanVirtually({ ...host, seed }, 3_000, 'T4');
      expect((result.tally.incidents ?? []).filter(({ kind }) => kind === 'reset-everything')).toEqual([]);
    }
  });

  it('is not suspected when resets are held back', async () => {
    const tokens = { left: 20, at: 0 };
    const refusals = {
      take(now: number): boolean {
        tokens.left = Math.min(20, tokens.left + ((now - tokens.at) * 200) / 1_000);
        tokens.at = now;
        if (tokens.left < 1) return false;
        tokens.left -= 1;
        return true;
      },
    };
    const { result } = await scanVirtually({ treat: everyNthOpen(400, 'closed'), rtt: 20, refusals }, 2_000, 'T4');
    expect(result.tally).not.toHaveProperty('incidents');
  });
});
