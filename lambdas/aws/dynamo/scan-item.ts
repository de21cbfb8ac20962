import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { errorValue, PortfleetError } from '../../../shared/domain/errors.ts';
import type { Scan } from '../../../shared/domain/scan.ts';
import type { ScanStatus } from '../../../shared/domain/scan-status.ts';
import type { EpochMillis, ScanId } from '../../../shared/domain/units.ts';
import { summaryOf, summaryText } from '../../../shared/records/stored-summary.ts';
import { refuseNewer, WRITTEN_BY, type WrittenBy } from './item-layout.ts';
import { scanKey } from './keys.ts';
import type { Item } from './table.ts';

/** An item holds 400 KB; what is left over is for the summary and the attributes beside. */
const MOST_BYTES = 360_000;

export interface ScanAttributes extends WrittenBy {
  readonly status: ScanStatus;
  /** Deflated JSON of what never changes. */
  readonly fixed: Uint8Array;
  readonly submittedAt: EpochMillis;
  readonly finishedAt?: EpochMillis;
  /** JSON. */
  readonly summary?: string;
  readonly failure?: string;
  /** Whose call opened it again. */
  readonly reopenedBy?: string;
  readonly expires: number;
}

/**
 * A scan as an item. What never changes (the request, the names, the plan) is one deflated JSON: every worker reads
 * it at the start of every chunk, and pays by its size. `expires` is DynamoDB's own unit, seconds.
 *
 * @throws PortfleetError TOO_MANY_PROBES for a list of targets that no item can hold
 */
export function scanItem(scan: Scan, expires: number): Item<ScanAttributes> {
  const { id, status, submittedAt, finishedAt, summary, failure, ...fixed } = scan;
  const packed = deflateRawSync(JSON.stringify(fixed));
  if (packed.byteLength > MOST_BYTES) {
    const detail = `The list of targets takes ${packed.byteLength} bytes, packed; a record holds ${MOST_BYTES}.`;
    throw new PortfleetError([errorValue('TOO_MANY_PROBES', detail)]);
  }
  return {
    ...scanKey(id),
    ...WRITTEN_BY,
    status,
    fixed: packed,
    submittedAt,
    ...(finishedAt !== null && { finishedAt }),
    ...(summary && { summary: summaryText(summary) }),
    ...(failure !== undefined && { failure }),
    expires,
  };
}

type Fixed = Omit<Scan, 'id' | 'status' | 'submittedAt' | 'finishedAt' | 'summary' | 'failure'>;

/** The inverse of `scanItem`. @throws PortfleetError WRITTEN_BY_NEWER */
export function scanOf(item: Item<ScanAttributes>): Scan {
  refuseNewer(item);
  const { pk, status, fixed, submittedAt, finishedAt, summary, failure } = item;
  return {
    ...(JSON.parse(inflateRawSync(fixed).toString()) as Fixed),
    id: pk as ScanId,
    status,
    submittedAt,
    finishedAt: finishedAt ?? null,
    summary: summary === undefined ? null : summaryOf(summary),
    ...(failure !== undefined && { failure }),
  };
}
