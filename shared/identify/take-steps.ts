import { makeWakeup, sleep } from '../seams/sleep.ts';
import { nextStep, type SessionRun } from './session-run.ts';
import type { Step } from './steps.ts';

/** Connections to one port at a time, at the most: a server that serves one client after another has each for a while. */
const MOST_AT_A_TIME = 3;

/** Takes one step; `onSilence` is called when its answer is late, and is still waited for. */
export type Take = (step: Step, onSilence: () => void) => Promise<void>;

/**
 * Takes the steps of a session in their order. While an answer is waited for in vain the next step is begun beside it, so
 * that a port costs its longest wait and not the sum of all.
 */
export async function takeSteps(run: SessionRun, take: Take): Promise<void> {
  const change = makeWakeup();
  const failures: unknown[] = [];
  let [underWay, silent] = [0, 0];
  const begin = async (step: Step): Promise<void> => {
    // The session has a socket for one connection; each beside it has taken its own.
    const isExtra = underWay > 0;
    let isSilent = false;
    underWay += 1;
    try {
      await take(step, () => {
        isSilent = true;
        silent += 1;
        change.wake();
      });
    } catch (error) {
      failures.push(error);
    }
    underWay -= 1;
    if (isSilent) silent -= 1;
    if (isExtra) run.deps.budget.give();
    change.wake();
  };
  for (;;) {
    const mayBegin = underWay === 0 || (silent === underWay && mayOverlap(run, underWay));
    const step = mayBegin ? nextStep(run) : undefined;
    if (step !== undefined) void begin(step);
    else if (underWay === 0) break;
    else {
      if (mayBegin) run.deps.budget.give();
      await sleep(run.deps.clock, null, change.whenWoken);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** Whether one more connection may stand beside the others: then it has taken a socket. */
const mayOverlap = (run: SessionRun, underWay: number): boolean =>
  run.mayOverlap && run.steps.length > 0 && underWay < MOST_AT_A_TIME && run.deps.budget.tryTake();
