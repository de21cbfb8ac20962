import { readFileSync } from 'node:fs';
import { systemClock } from '../shared/net/system-clock.ts';
import { EXIT } from './context.ts';

/** The user's wish to leave, as a signal: Ctrl-C, a request to terminate, a terminal that was closed. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** From now on a signal ends the process, as usual. */
  forget(): void;
}

/**
 * npm and npx pass a Ctrl-C on that the terminal has already told, and `timeout` terminates the process and then its
 * group: the same wish, told twice. From here on a second Ctrl-C is meant.
 */
const SAME_WISH = 1_000;

/** Only a second Ctrl-C leaves at once: a second SIGTERM must not cut the report that the first one asked for. */
export function onInterrupt(): Interrupt {
  const controller = new AbortController();
  let askedAt = Number.POSITIVE_INFINITY;
  const leave = (name: NodeJS.Signals): void => {
    const now = systemClock.now();
    if (name === 'SIGINT' && now - askedAt > SAME_WISH) process.exit(EXIT.interrupted);
    askedAt = Math.min(askedAt, now);
    controller.abort();
  };
  const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', ...(hangupIsIgnored() ? [] : (['SIGHUP'] as const))];
  for (const name of signals) process.on(name, leave);
  return {
    signal: controller.signal,
    forget: () => {
      for (const name of signals) process.off(name, leave);
    },
  };
}

/** Under nohup the process is to outlive its terminal; a listener would undo that. Only Linux tells. */
function hangupIsIgnored(): boolean {
  try {
    const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return mask !== undefined && (BigInt(`0x${mask}`) & 1n) === 1n;
  } catch {
    return false;
  }
}

/** Calls back at SIGUSR1, of which Node would make a debugger that listens; the listener that stays keeps it shut. */
export function onStatusRequest(tell: () => void): () => void {
  process.on('SIGUSR1', tell);
  return () => void process.off('SIGUSR1', tell);
}
