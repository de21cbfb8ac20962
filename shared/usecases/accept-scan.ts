import { errorValue } from '../domain/errors.ts';
import { err, ok, type Result } from '../domain/result.ts';
import type { Scan, Submitter } from '../domain/scan.ts';
import type { ScanId } from '../domain/units.ts';
import { plannedProbes } from '../plan/split-chunks.ts';
import type { ParsedRequest } from '../request/parse-request.ts';
import type { KeyUse } from '../seams/caller-store.ts';
import type { Clock } from '../seams/clock.ts';
import type { ScanStore } from '../seams/scan-store.ts';
import { type PlanDeps, planScan } from './plan-scan.ts';
import { needsOf, type QuotaDeps, reserveQuota } from './reserve-quota.ts';

export interface AcceptDeps extends PlanDeps, QuotaDeps {
  readonly clock: Clock;
  readonly store: Pick<ScanStore, 'createScan' | 'readScan'>;
  /**
   * Sends a stored scan, which is `planned`, on its way, and gives it as it is then. May be called twice for one scan,
   * where the first call seemed to have died.
   */
  readonly submit: (scan: Scan) => Promise<Scan>;
}

/** A request for a scan, and who makes it. */
export interface Submission {
  readonly request: ParsedRequest;
  readonly submitter: Submitter;
  /** What the caller calls the scan. */
  readonly label?: string | undefined;
  /** The caller's own name for this request, if he gave one, and a digest of what it says. */
  readonly key: { readonly name: string; readonly fingerprint: string } | null;
}

export interface Accepted {
  readonly scan: Scan;
  /** The key was known: this is the scan that it made. */
  readonly isRepeat: boolean;
}

/**
 * A request becomes a scan that is under way, once, however often it is repeated under one key:
 *
 *   read key ──bound──▶ its scan is stored: send it on its way again, which repairs a call that died in between
 *      │ free              └─ not stored: go on below, under the id that the key is bound to
 *      ▼
 *   plan ─▶ claim key ─▶ reserve quota ─▶ store the scan ─▶ send it on its way
 *
 * Each step is idempotent for one id, so a call that dies anywhere leaves nothing that a repeat does not repair.
 */
export async function acceptScan(submission: Submission, deps: AcceptDeps): Promise<Result<Accepted>> {
  const { submitter, key, label } = submission;
  const use = key && (await deps.callers.readKey({ caller: submitter.caller, key: key.name }, deps.clock.wall()));
  if (use) {
    const known = await repeatOf(use, submission, deps);
    if (known) return known;
  }
  const planned = await planScan(submission.request, deps);
  if (!planned.ok) return planned;
  const claimed = await claim(submission, planned.value.id, deps);
  if (!claimed.ok) return claimed;
  const called = label === undefined ? {} : { label };
  const scan: Scan = { ...planned.value, ...called, id: claimed.value, submittedBy: submitter };
  const refused = await reserveQuota(deps, submitter.caller, needsOf(scan, plannedProbes(scan.plan.geometry)));
  if (refused) return err(refused);
  // Another call with the same key may have been first; its plan is the one that counts.
  const isRepeat = !(await deps.store.createScan(scan));
  const stored = isRepeat ? ((await deps.store.readScan(scan.id)) ?? scan) : scan;
  return ok({ scan: await sendOut(stored, deps), isRepeat });
}

/** A scan that is running is not sent again: if its call died between two messages, the sweeper sends the rest. */
const sendOut = async (scan: Scan, { submit }: AcceptDeps): Promise<Scan> =>
  scan.status === 'planned' ? submit(scan) : scan;

async function repeatOf(use: KeyUse, submission: Submission, deps: AcceptDeps): Promise<Result<Accepted> | undefined> {
  if (use.fingerprint !== submission.key?.fingerprint) return err(keyReused(use));
  const scan = await deps.store.readScan(use.scan);
  return scan && ok({ scan: await sendOut(scan, deps), isRepeat: true });
}

async function claim({ submitter, key }: Submission, id: ScanId, deps: AcceptDeps): Promise<Result<ScanId>> {
  if (!key) return ok(id);
  const { name, fingerprint } = key;
  const of = { caller: submitter.caller, key: name };
  const use = await deps.callers.claimKey(of, { scan: id, fingerprint }, deps.clock.wall());
  return use.fingerprint === fingerprint ? ok(use.scan) : err(keyReused(use));
}

const keyReused = ({ scan }: KeyUse) =>
  errorValue('KEY_REUSED', `The key was first used for another request, which became scan ${scan}.`);
