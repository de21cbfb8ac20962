import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A machine is quiet when no process uses more than a sixth of it, for three seconds together. */
const BUSY_SHARE = 1 / 6;
const QUIET_SECONDS = 3;

/** Waits until nothing else uses this machine, so long at the most. Time itself is what is waited for. */
export async function waitForIdle(limitMs: number): Promise<void> {
  let quiet = 0;
  let before = ticks();
  for (let waited = 0; waited < limitMs && quiet < QUIET_SECONDS; waited += 1000) {
    await sleep(1000);
    const now = ticks();
    const busy = 1 - (now.idle - before.idle) / Math.max(1, now.all - before.all);
    quiet = busy <= BUSY_SHARE ? quiet + 1 : 0;
    before = now;
  }
}

/** The processors' time since the start of the machine, in clock ticks: proc(5), /proc/stat. */
function ticks(): { readonly idle: number; readonly all: number } {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const counts = line.split(/\s+/).slice(1, 9).map(Number);
  const [, , , idle = 0, waiting = 0] = counts;
  return { idle: idle + waiting, all: counts.reduce((sum, count) => sum + count, 0) };
}
