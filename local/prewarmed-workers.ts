import { forkWorker, type WorkerProcess } from './worker-process.ts';

/**
 * Worker processes started before there is anything for them to do: a process takes longer to boot than a scan to be
 * planned and written, so the one is done during the other.
 */
export interface PrewarmedWorkers {
  /** Starts what is missing to so many. */
  fillUp(count: number): void;
  /** A spare, if one is left. It may have died: its `gone` says so, as of any other worker. */
  take(): WorkerProcess | undefined;
  /** Ends those that nobody took. */
  dismiss(): void;
}

/** @param module the worker's bundle */
export function makePrewarmedWorkers(module: string): PrewarmedWorkers {
  const prewarmed: WorkerProcess[] = [];
  return {
    fillUp(count) {
      while (prewarmed.length < count) prewarmed.push(forkWorker(module));
    },
    take: () => prewarmed.shift(),
    dismiss() {
      for (const spare of prewarmed.splice(0)) spare.kill();
    },
  };
}
