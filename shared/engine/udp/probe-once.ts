import type { Outcome } from '../../domain/outcome.ts';
import type { Probe } from '../../domain/probe.ts';
import { millis } from '../../domain/units.ts';
import type { ChunkRun, ChunkTarget, InFlightProbe, Response } from '../chunk-run.ts';
import { conclude } from '../handle-responses.ts';
import type { Wait } from '../until-stopped.ts';
import { afterOneTurn } from '../wait.ts';

/** Resolves when the target's rate and the socket budget allow one ask; both are then taken. */
export async function takeTurn({ deps }: ChunkRun, target: ChunkTarget, wait: Wait): Promise<void> {
  const { clock, budget } = deps;
  for (;;) {
    const delay = target.pace.wait(clock.now());
    if (delay > 0) await wait(delay);
    else if (!budget.tryTake()) await new Promise<void>((resolve) => budget.whenFree(resolve));
    else {
      target.pace.tryTake(clock.now());
      return;
    }
  }
}

/**
 * Asks a probe once more, outside of the sweep, and waits for the answer or the end of the target's timeout. Its turn must
 * have been taken.
 */
export function probeOnce(
  run: ChunkRun,
  target: ChunkTarget,
  { probe, offset, attempt }: { readonly probe: Probe; readonly offset: number; readonly attempt: number },
  wait: Wait,
): Promise<Response> {
  const { clock, prober } = run.deps;
  const sentAt = clock.now();
  const timeout = target.state.rtt.timeout(true);
  const deadline = millis(sentAt + timeout);
  const asking: InFlightProbe = {
    offset,
    protocol: probe.protocol,
    target,
    attempt,
    sentAt,
    deadline,
    over: false,
    ask: null,
  };
  run.asking.add(asking);
  target.state.inFlight += 1;
  run.tally.asks += 1;
  return new Promise((resolve) => {
    const end = (outcome: Outcome): void => {
      if (asking.over) return;
      asking.ask?.cancel();
      conclude(run, asking);
      resolve({ asking, outcome, at: clock.now() });
    };
    asking.ask = prober.ask(probe, end);
    // Response beats the timer here too.
    const silence = wait(timeout).then(() => afterOneTurn(clock));
    void silence.then(() => end({ kind: 'silent' }));
  });
}
