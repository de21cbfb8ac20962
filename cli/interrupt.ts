import { EXIT } from './exit-codes.ts';

/** Ctrl-C, or a request to terminate, as a signal. A second one does not wait any longer. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** From now on a Ctrl-C ends the process, as usual. */
  forget(): void;
}

export function onInterrupt(): Interrupt {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const name of signals) process.on(name, interrupt);
  return {
    signal: controller.signal,
    forget: () => {
      for (const name of signals) process.off(name, interrupt);
    },
  };
}
