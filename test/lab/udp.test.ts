import { describe, expect, it } from 'vitest';
import { type Lab, withLab } from '../../bench/lab/lab.ts';
import { labMissing } from '../../bench/lab/lab-missing.ts';
import { topPorts } from '../../shared/domain/registry/top-ports.ts';
import { TIMING_TEMPLATES } from '../../shared/domain/timing-template.ts';
import type { Address } from '../../shared/domain/units.ts';
import type { Verdict } from '../../shared/domain/verdict.ts';
import type { ChunkResult } from '../../shared/engine/scan-chunk.ts';
import { makeSocketBudget } from '../../shared/engine/socket-budget.ts';
import { chunkOf, startEngine, verdicts } from '../helpers/run-engine.ts';
import { udp } from '../helpers/udp-ports.ts';
import { listeningUdpPorts, runUdpServer } from './run-udp-server.ts';
import { isInstalled, UDP_SERVERS } from './udp-servers.ts';

const missing = labMissing();
const T4 = TIMING_TEMPLATES.T4;

interface Swept {
  readonly of: Readonly<Record<number, Verdict>>;
  readonly result: ChunkResult;
}

async function sweep(address: string, ports: readonly number[], timing = T4): Promise<Swept> {
  const chunk = chunkOf(udp(...ports), [address as Address]);
  const run = startEngine(chunk, timing, { budget: makeSocketBudget(900) });
  const result = await run.result;
  const each = verdicts(result);
  return { result, of: Object.fromEntries(ports.map((port, index) => [port, each[index] ?? 'pending'])) };
}

describe.skipIf(missing)(`UDP at the far end of a wire ${missing ? `(skipped: ${missing})` : ''}`, () => {
  it('tells every state apart that Linux lets a connected socket hear', async () => {
    await withLab({ rtt: 20 }, async (lab) => {
      await lab.openUdp([20]);
      await lab.silent([21], 'udp');
      await lab.reject('port-unreach', [22], 'udp');
      await lab.reject('admin-prohibited', [23], 'udp');
      await lab.reject('proto-unreach', [24], 'udp');
      await lab.reject('net-prohibited', [25], 'udp');
      await lab.reject('host-prohibited', [26], 'udp');
      // "Soft" errors, which the kernel keeps from a UDP socket that cannot set IP_RECVERR
      await lab.reject('host-unreach', [27], 'udp');
      await lab.reject('net-unreach', [28], 'udp');
      expect((await sweep(lab.address, [20, 21, 22, 23, 24, 25, 26, 27, 28, 29])).of).toEqual({
        20: 'open/udp-response',
        21: 'open|filtered/no-response',
        22: 'closed/port-unreach',
        23: 'filtered/host-unreach',
        24: 'filtered/proto-unreach',
        25: 'filtered/net-unreach',
        26: 'filtered/host-unreach',
        27: 'open|filtered/no-response',
        28: 'open|filtered/no-response',
        29: 'closed/port-unreach',
      });
    });
  });

  it('tells them apart over IPv6', async () => {
    await withLab({ rtt: 20 }, async (lab) => {
      await lab.openUdp([20]);
      await lab.silent([21], 'udp');
      await lab.reject('admin-prohibited', [22], 'udp');
      expect((await sweep(lab.address6, [20, 21, 22, 23])).of).toEqual({
        20: 'open/udp-response',
        21: 'open|filtered/no-response',
        22: 'filtered/admin-prohibited',
        23: 'closed/port-unreach',
      });
    });
  });

  it('finds every closed port of a host on a line that loses packets, and takes none of it for a limit', async () => {
    await withLab({ rtt: 20, loss: 5, seed: 7 }, async (lab) => {
      const ports = Array.from({ length: 400 }, (_, index) => 1_000 + index);
      await lab.openUdp(ports.slice(0, 40));
      const { of, result } = await sweep(lab.address, ports);
      const wrong = ports.filter(
        (port, index) => of[port] !== (index < 40 ? 'open/udp-response' : 'closed/port-unreach'),
      );
      expect(wrong).toEqual([]);
      expect(result.tally).not.toHaveProperty('answersPerSecond');
    });
  });
});

/** Starts all servers that are installed, uses them, and stops them. */
async function withServers(lab: Lab, use: () => Promise<void>): Promise<void> {
  const running: AsyncDisposable[] = [];
  try {
    for (const server of UDP_SERVERS.filter(isInstalled)) running.push(await runUdpServer(lab, server));
    await use();
  } finally {
    await Promise.all(running.map((server) => server[Symbol.asyncDispose]()));
  }
}

describe.skipIf(missing)(`real servers ${missing ? `(skipped: ${missing})` : ''}`, () => {
  for (const server of UDP_SERVERS) {
    const absent = isInstalled(server) ? '' : `(skipped: ${server.package} is not installed)`;
    it.skipIf(absent)(`answer: ${server.package}, at ${server.ports.join(', ')} ${absent}`, async () => {
      await withLab({}, async (lab) => {
        await using _server = await runUdpServer(lab, server);
        const { of } = await sweep(lab.at(1), server.ports);
        expect(of).toEqual(Object.fromEntries(server.ports.map((port) => [port, 'open/udp-response'])));
      });
    });
  }
});

describe.skipIf(missing)(
  `a Linux host with its default limit of ICMP errors ${missing ? `(skipped: ${missing})` : ''}`,
  () => {
    const top100 = topPorts('udp', 100);

    it('ends with the truth for every one of the 100 best ranked ports', async () => {
      await withLab({ rtt: 10 }, async (lab) => {
        await withServers(lab, async () => {
          await lab.limitIcmp();
          const listening = await listeningUdpPorts(lab);
          const { of, result } = await sweep(lab.at(1), top100);
          const truth = top100.map((port) => [port, listening.has(port) ? 'open/udp-response' : 'closed/port-unreach']);
          expect(of).toEqual(Object.fromEntries(truth));
          expect(result.tally.answersPerSecond).toBeGreaterThan(0.8);
          expect(result.tally.answersPerSecond).toBeLessThan(1.2);
        });
      });
    });

    it('finds every service within seconds in the fastest template, and says of the rest that it is unsure', async () => {
      await withLab({ rtt: 10 }, async (lab) => {
        await withServers(lab, async () => {
          await lab.limitIcmp();
          const listening = await listeningUdpPorts(lab);
          const { of } = await sweep(lab.at(1), top100, TIMING_TEMPLATES.T5);
          for (const port of top100) {
            if (listening.has(port)) expect(of[port], `${port}`).toBe('open/udp-response');
            else expect(['closed/port-unreach', 'open|filtered/rate-limited'], `${port}`).toContain(of[port]);
          }
          expect(Object.values(of)).toContain('open|filtered/rate-limited');
        });
      });
    });
  },
);
