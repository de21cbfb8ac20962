import { portItemOf } from '../../shared/api/resources/port-resource.ts';
import type { ScanResource } from '../../shared/api/resources/scan-resource.ts';
import { scanOf } from '../../shared/api/resources/scan-resource.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import { isOver } from '../../shared/domain/scan-status.ts';
import { type Millis, millis } from '../../shared/domain/units.ts';
import { makeToldTimeLeft } from '../../shared/plan/scan-time-left.ts';
import type { Clock } from '../../shared/seams/clock.ts';
import type { Following } from '../deployment.ts';
import type { ReadPage } from './remote-hosts.ts';

export interface FollowDeps {
  readonly readScan: () => Promise<ScanResource>;
  /** A page of the open ports. */
  readonly readOpen: ReadPage;
  readonly clock: Pick<Clock, 'after' | 'now'>;
}

/** A short scan is over before a longer pause would be noticed. */
const FIRST_PAUSE = 250;

/** A long one costs two requests every two seconds, $0.0036 an hour. */
export const LONGEST_PAUSE = 2_000;

/**
 * Watches a scan that others carry out. Each round asks how far it is and reads one page of its open ports, the first
 * page again after the last: of a scan of a few pages everything is seen within seconds, and of a huge one no round costs
 * more than its page. What a round has missed is in the report at the end.
 */
export async function followRemote(
  scan: Scan,
  { readScan, readOpen, clock }: FollowDeps,
  { onFound, onSettled, signal }: Following,
): Promise<Scan> {
  let cursor: string | null = null;
  let latest = scan;
  const timeLeft = makeToldTimeLeft(clock);
  for (let pause = FIRST_PAUSE; !signal.aborted; pause = Math.min(LONGEST_PAUSE, pause * 1.5)) {
    const resource = await readScan();
    latest = scanOf(resource);
    const page = await readOpen(cursor);
    onFound(page.items.map(portItemOf).flatMap((item) => (item?.kind === 'finding' ? [item.finding] : [])));
    onSettled(resource.done, timeLeft(resource.timeLeft));
    cursor = page.cursor;
    if (isOver(latest.status)) return latest;
    // There is more to show: the next page follows at once.
    if (cursor === null) await sleep(clock, millis(pause), signal);
  }
  return latest;
}

function sleep(clock: Pick<Clock, 'after'>, length: Millis, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const takeBack = clock.after(length, resolve);
    signal.addEventListener('abort', () => {
      takeBack();
      resolve();
    });
  });
}
