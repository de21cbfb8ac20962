import { expect, it } from 'vitest';
import { portSet } from '../../../shared/domain/port-set.ts';
import { TIMING_TEMPLATES } from '../../../shared/domain/timing-template.ts';
import { type Address, chunkNumber, type PortNumber, seed } from '../../../shared/domain/units.ts';
import { scanChunk } from '../../../shared/engine/scan-chunk.ts';
import { makeSocketBudget } from '../../../shared/engine/socket-budget.ts';
import { makeTargetStates } from '../../../shared/engine/target/target-state.ts';
import { probeOrder } from '../../../shared/plan/probe-order.ts';
import { buildChunk, planGeometry } from '../../../shared/plan/split-chunks.ts';
import { sampleScan } from '../../helpers/sample-scan.ts';
import { type VirtualHost, virtualNetwork } from '../../helpers/virtual-network.ts';

const HOSTS = 16;
const PORTS = 100;
const SOCKETS = 512;
const CHUNKS_AT_ONCE = 2;
const OPEN_OF_LIVE = 3;
const timing = TIMING_TEMPLATES.T4;

const LIVE: VirtualHost = { treat: (port) => (port % 33 === 0 ? 'open' : 'closed'), rtt: 20 };
const SILENT: VirtualHost = { treat: () => 'silent', rtt: 20 };
const hostAt = (index: number): VirtualHost => (index % 8 === 0 ? LIVE : SILENT);

it('Silent hosts take as long as two attempts at their ports need sockets, and one wait for the last of them', async () => {
  const addresses = Array.from({ length: HOSTS }, (_, index) => `10.0.0.${index + 1}` as Address);
  const { clock, prober, run } = virtualNetwork(
    Object.fromEntries(addresses.map((address, index) => [address, hostAt(index)])),
  );
  const ports = portSet([[1 as PortNumber, PORTS as PortNumber]], []);
  const fleet = {
    workers: 1,
    socketsPerWorker: SOCKETS,
    maxProbesPerChunk: 65_536,
    chunksAtOnce: CHUNKS_AT_ONCE,
  };
  const plan = { ...sampleScan().plan, ports, timing, geometry: planGeometry(HOSTS, ports, timing, fleet) };
  const shared = {
    ...{ clock, prober, deadline: null, signal: new AbortController().signal },
    budget: makeSocketBudget(SOCKETS),
    targets: makeTargetStates(timing, 1),
  };
  const open: number[] = [];
  const waiting = Array.from({ length: plan.geometry.chunks }, (_, number) =>
    buildChunk(plan, chunkNumber(number), (index) => addresses[index] as Address),
  );
  const work = async (): Promise<void> => {
    for (let chunk = waiting.shift(); chunk; chunk = waiting.shift()) {
      const order = probeOrder(chunk, seed(chunk.number));
      const codes = new Uint8Array(chunk.size);
      await scanChunk({ chunk, codes, order }, { ...shared, onOpen: ({ port }) => open.push(port) }).result;
    }
  };
  await run(Promise.all(Array.from({ length: CHUNKS_AT_ONCE }, work)));
  const silent = addresses.filter((_, index) => hostAt(index) === SILENT).length * PORTS;
  const bound = (2 * silent * timing.initialRttTimeout) / SOCKETS;
  expect(open).toHaveLength((HOSTS / 8) * OPEN_OF_LIVE);
  expect(clock.now()).toBeLessThan(bound + 2 * timing.initialRttTimeout);
});
