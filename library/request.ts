import { availableParallelism } from 'node:os';
import { readScanRequest } from '../shared/api/scan-request.ts';
import { type ErrorValue, errorValue } from '../shared/domain/errors.ts';
import { err, ok, type Result } from '../shared/domain/result.ts';
import type { ParsedRequest, RawRequest } from '../shared/request/parse-request.ts';

/** What is scanned, in the fields of POST /scans; see docs/api.md. */
export interface ScanFields extends Omit<RawRequest, 'targets' | 'exclude'> {
  /** Names, addresses, blocks and ranges. */
  readonly targets: readonly string[];
  readonly exclude?: readonly string[] | undefined;
}

/** How this program scans. */
export interface ScanSettings {
  /** Ends the scan: what awaits it throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Worker processes; one for each core when left out. */
  readonly workers?: number | undefined;
  /** Keeps the scan there, for `portfleet show` and `portfleet resume`. Left out, nothing stays on the disk. */
  readonly dataDir?: string | undefined;
}

/** A request and its settings, read. */
export interface ReadScan {
  readonly request: ParsedRequest;
  readonly workers: number;
}

/** More processes than this find no core of their own on any machine this was tried on. */
const MOST_WORKERS = 256;

/** Reads what a program asks for; it may be written in JavaScript, so that the types have checked nothing. */
export function readScan(request: ScanFields, { workers = availableParallelism() }: ScanSettings): Result<ReadScan> {
  const fields = Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
  const parsed = readScanRequest(fields);
  const errors = parsed.ok ? [] : [...parsed.errors];
  if (!Number.isInteger(workers) || workers < 1 || workers > MOST_WORKERS) errors.push(unreadableWorkers(workers));
  return parsed.ok && errors.length === 0 ? ok({ request: parsed.value, workers }) : err(...errors);
}

const unreadableWorkers = (workers: unknown): ErrorValue =>
  errorValue('FIELD_UNREADABLE', `"workers" cannot be ${String(workers)}.`, {
    hint: `Give a whole number from 1 to ${MOST_WORKERS}.`,
  });
