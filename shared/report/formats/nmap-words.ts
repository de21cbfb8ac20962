import type { Presence } from '../../domain/host-presence.ts';
import type { Scan } from '../../domain/scan.ts';
import type { ScanStatus } from '../../domain/scan-status.ts';
import type { Millis } from '../../domain/units.ts';
import type { Ending } from './sections.ts';

/** Counts hosts while they are written, for the last line of nmap's formats. */
export interface HostCounts {
  count(presence: Presence): void;
  up(): number;
  down(): number;
  total(): number;
}

export function countHostStates(): HostCounts {
  let [up, down, total] = [0, 0, 0];
  return {
    count({ state }) {
      total++;
      if (state === 'up' || state === 'silent') up++;
      if (state === 'down') down++;
    },
    up: () => up,
    down: () => down,
    total: () => total,
  };
}

/** nmap's "done" sentence. */
export function doneWords(counts: HostCounts, at: string, mark: '; ' | ' -- ', duration: Millis): string {
  const addresses = `${counts.total()} IP ${counts.total() === 1 ? 'address' : 'addresses'}`;
  const hosts = `${counts.up()} ${counts.up() === 1 ? 'host' : 'hosts'} up`;
  return `Portfleet done at ${at}${mark}${addresses} (${hosts}) scanned in ${(duration / 1000).toFixed(2)} seconds`;
}

/** Why the document does not hold everything, or undefined when it does. */
export function endingError({ status, imported }: Scan, ending: Ending): string | undefined {
  if (ending.kind === 'failed') return `the report could not be read to its end: ${ending.message}`;
  if (ending.kind === 'interrupted') return 'the report was interrupted';
  return STATUS_ERRORS[status] ?? imported?.incomplete;
}

const STATUS_ERRORS = {
  planned: 'the scan has not begun',
  running: 'the scan is still running',
  finalizing: 'the scan is still running',
  complete: undefined,
  'complete-with-gaps': undefined,
  cancelled: 'the scan was cancelled',
  failed: 'the scan failed',
} as const satisfies Record<ScanStatus, string | undefined>;
