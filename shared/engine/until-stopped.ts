import { type Millis, millis } from '../domain/units.ts';
import type { ChunkDeps } from './chunk-run.ts';

/** Resolves after the delay; never, when the run was stopped before. */
export type Wait = (delay: Millis) => Promise<void>;

/**
 * Does work that waits by itself, until it is done or the run is stopped by its signal or its deadline. What it waits for
 * then never comes: it just does not go on, and no timer keeps the process alive for it.
 */
export async function untilStopped(
  { clock, signal, deadline }: Pick<ChunkDeps, 'clock' | 'signal' | 'deadline'>,
  work: (wait: Wait) => Promise<unknown>,
): Promise<void> {
  const timers = new Set<() => void>();
  const after = (delay: Millis, wake: () => void): void => {
    const takeBack = clock.after(delay, () => {
      timers.delete(takeBack);
      wake();
    });
    timers.add(takeBack);
  };
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => resolve();
    signal.addEventListener('abort', stop, { once: true });
    if (deadline !== null) after(millis(deadline - clock.now()), stop);
    work((delay) => new Promise((wake) => after(delay, wake)))
      .then(stop, reject)
      .finally(() => signal.removeEventListener('abort', stop));
  });
  for (const takeBack of timers) takeBack();
}
