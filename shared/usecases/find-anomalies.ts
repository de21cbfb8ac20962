import { type Anomaly, isAnomalous } from '../domain/anomaly.ts';
import type { Chunk } from '../domain/chunk.ts';
import { cutRuns, type Run } from '../domain/coverage.ts';
import type { ScanSummary } from '../domain/scan.ts';
import type { Address } from '../domain/units.ts';

/** Looks at the chunks of a scan in order, remembers the hosts that answer "open" to everything, and counts the silent ones. */
export interface AnomalyFinder {
  see(chunk: Chunk, runs: readonly Run[]): void;
  /** To be asked once, after the last chunk: the first hosts, and how many there are beyond them. */
  result(): Pick<ScanSummary, 'anomalies' | 'anomaliesLeftOut'> & {
    /** Hosts of which nothing was heard, and whether of some of them only UDP ports were probed. */
    readonly unheard: number;
    readonly byUdpAlone: boolean;
  };
}

/** At some 100 bytes each, 10 KB: every network behind a proxy answers "open" with 65,536 hosts alike. */
const MOST_LISTED = 100;

export function makeAnomalyFinder(): AnomalyFinder {
  const found: Anomaly[] = [];
  let leftOut = 0;
  let unheard = 0;
  let byUdpAlone = false;
  let host: { address: Address; open: number; closed: number; silent: number; silentUdp: number } | null = null;
  const finish = (): void => {
    if (!host) return;
    const answered = host.open + host.closed;
    if (answered === 0 && host.silent + host.silentUdp > 0) {
      unheard += 1;
      byUdpAlone ||= host.silent === 0;
    }
    if (isAnomalous(host.open, answered)) {
      if (found.length < MOST_LISTED)
        found.push({ kind: 'all-open', address: host.address, open: host.open, answered });
      else leftOut += 1;
    }
    host = null;
  };
  return {
    see(chunk, runs) {
      const ofEach = cutRuns(runs, chunk.ports.length);
      for (const address of chunk.addresses) {
        if (host?.address !== address) finish();
        host ??= { address, open: 0, closed: 0, silent: 0, silentUdp: 0 };
        for (const [length, verdict] of ofEach.next().value ?? []) {
          if (verdict.startsWith('open/')) host.open += length;
          else if (verdict.startsWith('closed/')) host.closed += length;
          else if (verdict === 'filtered/no-response') host.silent += length;
          else if (verdict === 'open|filtered/no-response') host.silentUdp += length;
        }
      }
    },
    result() {
      finish();
      return { anomalies: found, unheard, byUdpAlone, ...(leftOut > 0 && { anomaliesLeftOut: leftOut }) };
    },
  };
}
