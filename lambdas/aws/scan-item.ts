import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { errorValue, PortfleetError } from '../../shared/domain/errors.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import type { ScanStatus } from '../../shared/domain/scan-status.ts';
import type { EpochMillis, ScanId } from '../../shared/domain/units.ts';
import { summaryOf, summaryText } from '../../shared/records/stored-summary.ts';
import { bytes, bytesOf, type Item, keyItem, keyOf, number, numberOf, text, textOf } from './attributes.ts';
import { scanKey } from './keys.ts';

/** An item holds 400 KB; what is left over is for the summary and the attributes beside. */
const MOST_BYTES = 360_000;

/**
 * A scan as an item. What never changes (the request, the names, the plan) is one deflated JSON: every worker reads
 * it at the start of every chunk, and pays by its size. `expires` is DynamoDB's own unit, seconds.
 *
 * @throws PortfleetError TOO_MANY_PROBES for a list of targets that no item can hold
 */
export function scanItem(scan: Scan, expires: number): Item {
  const { id, status, submittedAt, finishedAt, summary, ...fixed } = scan;
  const packed = deflateRawSync(JSON.stringify(fixed));
  if (packed.byteLength > MOST_BYTES) {
    const detail = `The list of targets takes ${packed.byteLength} bytes, packed; a record holds ${MOST_BYTES}.`;
    throw new PortfleetError([errorValue('TOO_MANY_PROBES', detail)]);
  }
  return {
    ...keyItem(scanKey(id)),
    status: text(status),
    fixed: bytes(packed),
    submittedAt: number(submittedAt),
    ...(finishedAt !== null && { finishedAt: number(finishedAt) }),
    ...(summary && { summary: text(summaryText(summary)) }),
    expires: number(expires),
  };
}

type Fixed = Omit<Scan, 'id' | 'status' | 'submittedAt' | 'finishedAt' | 'summary'>;

/** The inverse of `scanItem`. */
export function scanOf(item: Item): Scan {
  const summary = textOf(item, 'summary');
  return {
    ...(JSON.parse(inflateRawSync(bytesOf(item, 'fixed') ?? new Uint8Array()).toString()) as Fixed),
    id: keyOf(item).pk as ScanId,
    status: textOf(item, 'status') as ScanStatus,
    submittedAt: numberOf(item, 'submittedAt') as EpochMillis,
    finishedAt: (numberOf(item, 'finishedAt') ?? null) as EpochMillis | null,
    summary: summary === undefined ? null : summaryOf(summary),
  };
}
