import { describe, expect, it } from 'vitest';
import { type Lab, withLab } from '../../bench/lab/lab.ts';
import { labMissing, onPath } from '../../bench/lab/lab-missing.ts';
import { runCommand } from '../../bench/lab/run-command.ts';
import { addressIndex } from '../../shared/domain/addresses/address-set.ts';
import { codesOf } from '../../shared/domain/coverage.ts';
import { isAnswer } from '../../shared/domain/host-presence.ts';
import { type Address, chunkNumber, seed } from '../../shared/domain/units.ts';
import { isSettled, verdictOf } from '../../shared/domain/verdict.ts';
import { makeSocketBudget } from '../../shared/engine/socket-budget.ts';
import { nodeConnector } from '../../shared/net/node-connector.ts';
import { netProber } from '../../shared/net/prober.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import { buildChunk } from '../../shared/plan/split-chunks.ts';
import { parseRequest, type RawRequest } from '../../shared/request/parse-request.ts';
import { LOCAL_POLICY } from '../../shared/request/target-policy.ts';
import { makeKnownTargets } from '../../shared/usecases/known-targets.ts';
import { planScan } from '../../shared/usecases/plan-scan.ts';
import { runChunk } from '../../shared/usecases/run-chunk.ts';
import { makeMemoryScanStore } from '../helpers/memory-scan-store.ts';
import { freshScanId } from '../helpers/sample-scan.ts';
import { valid } from '../helpers/valid.ts';

const missing = labMissing() ?? (onPath('nmap') ? undefined : 'nmap, to compare with, is not installed');

/** Few, because nmap takes so long over silent addresses; `--discover` probes these and eight more. */
const PORTS = [22, 80, 443, 3389];
const HOSTS = 16;

/** Where a third of the attempts is lost, one host with one port in a thousand is missed by the seven attempts of T4. */
const CHANCE = 1;
const NETWORK = 32;
const FLEET = { workers: 1, socketsPerWorker: 900, maxProbesPerChunk: 20_000 };

/** Every host has one or two of the ports open, and drops all else, as behind a firewall. */
async function populate(lab: Lab): Promise<string[]> {
  await lab.silent();
  const hosts = Array.from({ length: HOSTS }, (_, host) => lab.at(256 + Math.floor((host * NETWORK) / HOSTS)));
  for (const [host, at] of hosts.entries()) {
    const open = Array.from({ length: 1 + (host % 2) }, (_, nth) => PORTS[(host + nth) % PORTS.length] ?? 80);
    await lab.open(open, { at });
  }
  return hosts.sort();
}

/** The addresses that answer anything, by a scan as the command makes it. */
async function weFind(raw: RawRequest): Promise<string[]> {
  const planned = await planScan(valid(parseRequest({ timing: 'T4', ...raw })), {
    ...{ clock: systemClock, policy: LOCAL_POLICY, fleet: FLEET, newId: freshScanId, newSeed: () => seed(7) },
    resolver: { resolve: async () => [] },
  });
  const scan = { ...valid(planned), status: 'running' as const };
  const store = makeMemoryScanStore();
  await store.createScan(scan);
  const [budget, targetsOf] = [makeSocketBudget(FLEET.socketsPerWorker), makeKnownTargets()];
  const alive = new Set<Address>();
  for (let number = 0; number < scan.plan.geometry.chunks; number++) {
    await runChunk(
      { scanId: scan.id, chunk: chunkNumber(number) },
      {
        ...{ store, targetsOf, prober: netProber, clock: systemClock, connector: nodeConnector, deadline: null },
        ...{ budgetOf: () => budget, policy: LOCAL_POLICY, signal: new AbortController().signal, receiveCount: 1 },
        ...{ onStored: () => {}, onProgress: () => {} },
      },
    );
    const chunk = buildChunk(scan.plan, chunkNumber(number), addressIndex(scan.plan.addresses).at);
    const codes = codesOf((await store.readCoverage(scan.id, chunk.number))?.runs ?? [], chunk.size);
    for (const [offset, code] of (codes ?? []).entries()) {
      const address = chunk.addresses[Math.floor(offset / chunk.ports.length)];
      const verdict = verdictOf(code);
      if (address && isSettled(verdict) && isAnswer(verdict)) alive.add(address);
    }
  }
  return [...alive].sort();
}

async function nmapFinds(network: string): Promise<string[]> {
  const xml = await runCommand('nmap', ['-sn', '-n', '-T4', `-PS${PORTS.join(',')}`, '-oX', '-', network]);
  const up = xml.match(/<host><status state="up"[\s\S]*?<\/host>/g) ?? [];
  return up.flatMap((host) => /addr="([^"]+)"/.exec(host)?.[1] ?? []).sort();
}

describe.skipIf(missing)(`looking for hosts at the far end of a wire ${missing ? `(skipped: ${missing})` : ''}`, () => {
  it.each([0, 5, 20])(
    'finds as many as nmap and none that is not there, with %i in 100 packets lost each way',
    async (loss) => {
      await withLab({ rtt: 20, loss, seed: 11 }, async (lab) => {
        const there = await populate(lab);
        const network = lab.at(256).replace(/\.\d+$/, '.0/27');
        const ports = PORTS.join(',');
        const [nmap, only] = await Promise.all([
          nmapFinds(network),
          weFind({ targets: [network], ports, discovery: 'only' }),
        ]);
        // With so few ports as nmap probes, they would all be probed at once.
        const before = await weFind({ targets: [network], ports: `${ports},8000-8019`, discovery: 'before' });
        for (const found of [only, before]) {
          expect(there).toEqual(expect.arrayContaining(found));
          expect(found.length).toBeGreaterThanOrEqual(nmap.length - (loss === 20 ? CHANCE : 0));
        }
      });
    },
  );
});
