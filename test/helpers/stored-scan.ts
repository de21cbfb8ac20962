import fc from 'fast-check';
import { addressIndex } from '../../shared/domain/addresses/address-set.ts';
import { NO_PROBES, runsOf } from '../../shared/domain/coverage.ts';
import type { Finding } from '../../shared/domain/finding.ts';
import { type PortRange, portSet } from '../../shared/domain/port-set.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import { type Address, chunkNumber } from '../../shared/domain/units.ts';
import { stateAndReason, VERDICTS, verdictCode, verdictOf } from '../../shared/domain/verdict.ts';
import { buildChunk } from '../../shared/plan/split-chunks.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import { makeMemoryScanStore } from './memory-scan-store.ts';
import { sampleFinding, sampleScan } from './sample-scan.ts';

/** A scan of a few hosts and ports, cut in either way, of whose chunks some are unknown yet. */
export const arbitraryScan = fc
  .record({
    addresses: fc.integer({ min: 1, max: 5 }),
    tcp: fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 }),
    udp: fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { maxLength: 6 }),
    kind: fc.constantFrom('whole' as const, 'split' as const),
    size: fc.integer({ min: 1, max: 6 }),
  })
  .map(({ addresses, tcp, udp, kind, size }): Scan => {
    const ranges = (ports: number[]) => ports.map((port) => [port, port] as unknown as PortRange);
    const ports = portSet(ranges(tcp), ranges(udp));
    const portCount = tcp.length + udp.length;
    const chunks = kind === 'whole' ? Math.ceil(addresses / size) : addresses * Math.ceil(portCount / size);
    const last = `10.0.0.${addresses}` as Address;
    const { plan, ...scan } = sampleScan({ status: 'running' });
    const geometry = { addressCount: addresses, portCount, kind, size, chunks, lanes: 1 };
    return { ...scan, plan: { ...plan, addresses: [{ first: '10.0.0.1' as Address, last }], ports, geometry } };
  });

/** What each probe of each chunk is; -1 for a chunk that nobody has reported on. */
export const arbitraryCodes = fc.infiniteStream(
  fc.oneof(fc.nat(VERDICTS.length - 1), fc.constant(verdictCode('closed/conn-refused'))),
);

/** A store in which that is what is known of the scan. */
export async function storeOf(scan: Scan, codes: Iterator<number>): Promise<ScanStore> {
  const store = makeMemoryScanStore();
  await store.createScan(scan);
  for (let number = 0; number < scan.plan.geometry.chunks; number++) {
    if ((codes.next().value ?? 0) % 5 === 0) continue;
    const chunk = buildChunk(scan.plan, chunkNumber(number), addressIndex(scan.plan.addresses).at);
    const known = Uint8Array.from({ length: chunk.size }, () => codes.next().value ?? 0);
    const findings: Finding[] = [];
    for (const [offset, code] of known.entries()) {
      const verdict = verdictOf(code);
      const address = chunk.addresses[Math.floor(offset / chunk.ports.length)];
      const port = chunk.ports.at(offset % chunk.ports.length);
      if (!verdict.startsWith('open/') || !address || !port) continue;
      const seen = stateAndReason(verdict as Parameters<typeof stateAndReason>[0]);
      findings.push(
        sampleFinding(port.port, { ...seen, address, protocol: port.protocol, rtt: (offset / 7) as Finding['rtt'] }),
      );
    }
    await store.putFindings(scan.id, chunk.number, findings);
    // Some of the chunks of an address have looked its names up.
    const names = Object.fromEntries(chunk.addresses.map((address) => [address, [`host-${address}.test`]]));
    const looked = number % 3 === 1 && { names };
    await store.putCoverage(scan.id, { chunk: chunk.number, runs: runsOf(known), tally: NO_PROBES, ...looked });
  }
  return store;
}
