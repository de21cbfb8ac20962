import { describe, expect, it } from 'vitest';
import { withLab } from '../../bench/lab/lab.ts';
import { labMissing } from '../../bench/lab/lab-missing.ts';
import type { PortAt } from '../../shared/domain/port-set.ts';
import { TIMING_TEMPLATES, type Timing } from '../../shared/domain/timing-template.ts';
import type { Address, PortNumber } from '../../shared/domain/units.ts';
import type { Verdict } from '../../shared/domain/verdict.ts';
import { makeSocketBudget } from '../../shared/engine/socket-budget.ts';
import { chunkOf, startEngine, tcp, verdicts } from '../helpers/run-engine.ts';
import { EVERY_STATE, everyState } from './every-state.ts';

const missing = labMissing();
const T4 = TIMING_TEMPLATES.T4;
const T5 = TIMING_TEMPLATES.T5;

interface Swept {
  /** The verdict of each port, by number. */
  readonly of: Readonly<Record<number, Verdict>>;
  /** How often each verdict was given. */
  readonly counts: Readonly<Partial<Record<Verdict, number>>>;
  readonly open: readonly number[];
  readonly mostAttempts: number;
  readonly pacedTo: number | undefined;
}

/** One run of the engine over these ports, with as many sockets as a worker has. */
async function sweep(address: string, ports: readonly PortAt[], timing: Timing = T4): Promise<Swept> {
  const run = startEngine(chunkOf(ports, [address as Address]), timing, { budget: makeSocketBudget(900) });
  const result = await run.result;
  const each = verdicts(result);
  const counts: Partial<Record<Verdict, number>> = {};
  for (const verdict of each) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return {
    of: Object.fromEntries(ports.map(({ port }, index) => [port, each[index] ?? 'pending'])),
    counts,
    open: run.found.map(({ port }) => port as number).sort((a, b) => a - b),
    mostAttempts: result.tally.mostAttempts,
    pacedTo: result.tally.pacedTo,
  };
}

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);
const every = (step: number, last: number): number[] => range(1, last).filter((port) => port % step === 0);
const udp = (...ports: readonly number[]): PortAt[] =>
  ports.map((port) => ({ protocol: 'udp', port: port as PortNumber }));

describe.skipIf(missing)(`the engine at the far end of a wire ${missing ? `(skipped: ${missing})` : ''}`, () => {
  it('tells every state apart, each with its reason, over both families', async () => {
    await withLab({ rtt: 30 }, async (lab) => {
      await everyState(lab);
      expect((await sweep(lab.address, tcp(...range(20, 34)))).of).toEqual({
        ...EVERY_STATE,
        // IPv4 tells a connecting socket "prohibited" and "host unreachable" by one errno
        28: 'filtered/host-unreach',
        32: 'filtered/proto-unreach',
        33: 'filtered/host-unreach',
        34: 'filtered/net-unreach',
      });
      await lab.rearm();
      expect((await sweep(lab.address6, tcp(...range(20, 31)))).of).toEqual({
        ...EVERY_STATE,
        28: 'filtered/admin-prohibited',
      });
    });
  });

  it('finds each open port once, with the attempt that was answered', async () => {
    await withLab({ rtt: 30 }, async (lab) => {
      await lab.open([22]);
      await lab.openFromAttempt(2, [80]);
      const run = startEngine(chunkOf(tcp(22, 80), [lab.address as Address]), T4);
      await run.result;
      const found = run.found.map(({ port, attempt }) => [port, attempt]).sort();
      expect(found).toEqual([
        [22, 1],
        [80, 2],
      ]);
      for (const { rtt } of run.found) expect(rtt).toBeGreaterThanOrEqual(30);
    });
  });

  it('probes a host that never answers exactly twice a port, and calls nothing of it open or closed', async () => {
    await withLab({ rtt: 50 }, async (lab) => {
      await lab.dead();
      const { counts, mostAttempts } = await sweep(lab.address, tcp(...range(1, 2000)), T5);
      expect(counts).toEqual({ 'filtered/no-response': 2000 });
      expect(mostAttempts).toBe(2);
      const attempts = await lab.attempts();
      expect(new Set(attempts.values())).toEqual(new Set([2]));
      expect(attempts.size).toBe(2000);
    });
  });

  it.each([0, 50, 150])('finds the open ports of a firewalled host at an RTT of %i ms', async (rtt) => {
    await withLab({ rtt }, async (lab) => {
      await lab.open([22, 443, 1999]);
      await lab.silent();
      for (const timing of [T4, T5]) {
        const { counts, open } = await sweep(lab.address, tcp(...range(1, 2000)), timing);
        expect(open).toEqual([22, 443, 1999]);
        expect(counts).toEqual({ 'open/syn-ack': 3, 'filtered/no-response': 1997 });
      }
    });
  });

  it.each(range(1, 10))(
    'misses none of 200 open ports, run %i of 10, when 5 in 100 packets are lost each way',
    async (seed) => {
      await withLab({ rtt: 50, loss: 5, seed }, async (lab) => {
        const there = every(5, 1000);
        await lab.open(there);
        const { open, counts } = await sweep(lab.address, tcp(...range(1, 1000)));
        expect(open).toEqual(there);
        expect(counts).toEqual({ 'open/syn-ack': 200, 'closed/conn-refused': 800 });
      });
    },
  );

  it('believes what a host with every port open says, and probes each port once', async () => {
    await withLab({ rtt: 10 }, async (lab) => {
      await lab.allOpen();
      const { counts } = await sweep(lab.address, tcp(...range(1, 1000)));
      expect(counts).toEqual({ 'open/syn-ack': 1000 });
      expect((await lab.packets()).syns).toBe(1000);
    });
  });

  it('takes an ICMP rejection at once and does not probe again', async () => {
    await withLab({ rtt: 10 }, async (lab) => {
      await lab.open([22]);
      await lab.reject('host-unreach');
      const { counts } = await sweep(lab.address, tcp(...range(1, 1000)));
      expect(counts).toEqual({ 'open/syn-ack': 1, 'filtered/host-unreach': 999 });
      expect((await lab.packets()).syns).toBe(1000);
    });
  });

  it('tells every port of a host that limits its resets', async () => {
    await withLab({ rtt: 20 }, async (lab) => {
      const there = every(40, 2000);
      await lab.open(there);
      await lab.limitAnswers({ resets: 200 });
      const { counts, pacedTo } = await sweep(lab.address, tcp(...range(1, 2000)));
      expect(counts).toEqual({ 'open/syn-ack': there.length, 'closed/conn-refused': 2000 - there.length });
      expect(pacedTo).toBeGreaterThan(0);
    });
  });

  it('finds the open ports behind a firewall that lets in so many SYNs a second', async () => {
    await withLab({ rtt: 20 }, async (lab) => {
      const there = every(40, 2000);
      await lab.open(there);
      await lab.limitAnswers({ syns: 500 });
      for (const timing of [TIMING_TEMPLATES.T3, T4]) {
        const { counts } = await sweep(lab.address, tcp(...range(1, 2000)), timing);
        expect(counts).toEqual({ 'open/syn-ack': there.length, 'closed/conn-refused': 2000 - there.length });
      }
    });
  });

  it('keeps to its rate over any second', async () => {
    await withLab({ rtt: 10 }, async (lab) => {
      await sweep(lab.address, tcp(...range(1, 600)), { ...T4, ratePerTarget: 200 });
      expect((await lab.packets()).syns).toBe(600);
      // The wire stamps a packet when it gets to read it: up to 20 ms later than it was sent, when the machine is busy.
      expect(await lab.busiest(980)).toBeLessThanOrEqual(200);
    });
  });

  it('tells UDP ports that answer, are closed, and say nothing', async () => {
    await withLab({ rtt: 20 }, async (lab) => {
      await lab.openUdp([53]);
      await lab.silent([54], 'udp');
      for (const address of [lab.address, lab.address6]) {
        const { of } = await sweep(address, udp(53, 54, 55));
        expect(of).toEqual({ 53: 'open/udp-response', 54: 'open|filtered/no-response', 55: 'closed/port-unreach' });
      }
    });
  });
});
