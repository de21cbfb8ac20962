/**
 *            first message sent           last chunk completed          report written
 *   planned ───────────────────▶ running ──────────────────▶ finalizing ─┬───────────▶ complete
 *      │                            │                                    ├───────────▶ complete-with-gaps
 *      │ cancel                     │ cancel                             │    (some probe went unprobed)
 *      ├────────────────────────────┴──────────▶ cancelled              └───────────▶ failed
 *      └──▶ failed (it could not be sent out)                                (its report could not be written)
 *
 * planned             the plan is stored and immutable; nothing was probed yet
 * running             chunks are on the queue or in a worker; coverage only grows
 * finalizing          every chunk is complete; the aggregator, and only it, may write. It may run twice.
 * complete            every planned probe is settled
 * complete-with-gaps  every planned probe is settled or unprobed with its cause, and some are unprobed
 *                     "resume" makes it running again where chunks failed, and takes those up (see takeUpFailed).
 * cancelled           workers stop within one chunk; what was found stays readable
 * failed              the scan never got under way, or could not be summed up; what was found stays readable
 *                     "resume" makes it running again where it could not be summed up, which fills its tree at once, so
 *                     that it goes on to finalizing (see sumUpAgain).
 */
export const SCAN_STATUSES = [
  'planned',
  'running',
  'finalizing',
  'complete',
  'complete-with-gaps',
  'cancelled',
  'failed',
] as const;

export type ScanStatus = (typeof SCAN_STATUSES)[number];

const NEXT: Readonly<Record<ScanStatus, readonly ScanStatus[]>> = {
  planned: ['running', 'cancelled', 'failed'],
  running: ['finalizing', 'cancelled'],
  finalizing: ['complete', 'complete-with-gaps', 'failed'],
  complete: [],
  'complete-with-gaps': [],
  cancelled: [],
  failed: [],
};

/** May a scan go from one status to the other? Stores refuse what is not in the picture above. */
export const mayBecome = (from: ScanStatus, to: ScanStatus): boolean => NEXT[from].includes(to);

/** Nothing will change any more. */
export const isOver = (status: ScanStatus): boolean => NEXT[status].length === 0;
