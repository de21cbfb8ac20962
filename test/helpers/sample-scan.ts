import { monotonicFactory } from 'ulid';
import { type ChunkCoverage, NO_PROBES } from '../../shared/domain/coverage.ts';
import type { Finding } from '../../shared/domain/finding.ts';
import { EVERY_TCP_PORT } from '../../shared/domain/port-set.ts';
import type { Scan, ScanSummary } from '../../shared/domain/scan.ts';
import type { TimingHints } from '../../shared/domain/timing-hints.ts';
import { TIMING_TEMPLATES } from '../../shared/domain/timing-template.ts';
import {
  type Address,
  type ChunkNumber,
  epochMillis,
  millis,
  type PortNumber,
  type ScanId,
  seed,
} from '../../shared/domain/units.ts';

const nextUlid = monotonicFactory();

/** An id nobody else has; each sorts after the one before. */
export const freshScanId = (): ScanId => nextUlid() as ScanId;

const LOOPBACK = '127.0.0.1' as Address;

/** A scan as `submit` stores it: every TCP port of one address, in so many chunks. */
export function sampleScan({ chunks = 1, ...more }: Partial<Scan> & { readonly chunks?: number } = {}): Scan {
  return {
    id: freshScanId(),
    status: 'planned',
    request: { targets: ['localhost'], exclude: [], ports: '-' },
    names: [{ name: 'localhost', addresses: [LOOPBACK] }],
    plan: {
      addresses: [{ first: LOOPBACK, last: LOOPBACK }],
      ports: EVERY_TCP_PORT,
      seed: seed(7),
      timing: TIMING_TEMPLATES.T3,
      socketsPerWorker: null,
      detect: 'none',
      geometry: {
        addressCount: 1,
        portCount: 65_535,
        kind: 'split',
        size: Math.ceil(65_535 / chunks),
        chunks,
        lanes: 2,
      },
    },
    submittedAt: epochMillis(1_795_348_800_000),
    finishedAt: null,
    summary: null,
    ...more,
  };
}

/** An open port as an engine reports it. */
export const sampleFinding = (port: number, more: Partial<Finding> = {}): Finding => ({
  address: LOOPBACK,
  protocol: 'tcp',
  port: port as PortNumber,
  state: 'open',
  reason: 'syn-ack',
  service: { name: 'http', method: 'table' },
  seenAt: epochMillis(1_795_348_801_234),
  rtt: millis(0.217),
  attempt: 1,
  ...more,
});

/** What a worker tells of a target that answers after some 48 ms and loses nothing. */
export const sampleTimingHints = (more: Partial<TimingHints> = {}): TimingHints => ({
  address: LOOPBACK,
  smoothedRtt: millis(48.123_456_789),
  rttVariation: millis(1 / 3),
  attempts: 2,
  window: null,
  closedPort: null,
  openPort: null,
  heardAt: null,
  ...more,
});

/** What a test's worker finds in a chunk: two open ports that no other chunk has. */
export const findingsOfChunk = (chunk: ChunkNumber): Finding[] =>
  [0, 1].map((nth) => sampleFinding(1 + chunk * 2 + nth));

export const coverageOfChunk = (chunk: ChunkNumber): ChunkCoverage => ({
  chunk,
  runs: [
    [2, 'open/syn-ack'],
    [chunk + 1, 'closed/conn-refused'],
  ],
  tally: NO_PROBES,
});

export const sampleSummary = (more: Partial<ScanSummary> = {}): ScanSummary => ({
  planned: 65_535,
  settled: { 'open/syn-ack': 2, 'closed/conn-refused': 65_533 },
  unprobed: {},
  pending: 0,
  tally: NO_PROBES,
  anomalies: [],
  duration: millis(1_641.5),
  ...more,
});
