import type { ChunkRun } from './chunk-run.ts';
import type { Losses } from './forecast.ts';
import { type Standing, sum } from './target-standing.ts';

/** What is lost of what the targets would answer, by all that they answered; null where nothing was seen lost. */
export function lossesOf(run: ChunkRun, group: readonly Standing[]): Losses | null {
  const states = group.map(({ target }) => target.state);
  if (states.every(({ window, retries }) => window.afterLoss() === null && retries.lost() === 0)) return null;
  const unseen = lossesUnseen(run, group);
  const lost = sum(states.map(({ retries }) => retries.lost()));
  const told = sum(states.map(({ retries }) => retries.told()));
  return {
    share: (lost + unseen) / Math.max(1, told + unseen),
    targets: group.length,
    floor: Math.min(...states.map(({ window }) => window.floor)),
  };
}

/** Fewer retries say less of what is lost than the attempts that earlier deliveries, or other workers, called for. */
const LEAST_RETRIES = 16;

/**
 * A loss shows when the next attempt is answered, and an answer at once. So of the ports that were silent once, and whose
 * second attempt has not ended, as many will answer it as did of the others; of those no more is expected that earlier
 * deliveries found silent.
 */
export function lossesUnseen(run: ChunkRun, group: readonly Standing[]): number {
  const after = (attempts: number): number => sum(group.map((each) => silentAfter(each, attempts)));
  const { answeredRetries } = run.tally;
  const [once, twice] = [after(1), after(2)];
  const retried = answeredRetries + Math.max(0, twice - (run.before.silent - silentBefore(run)));
  const answered = sum(group.map((each) => each.answered));
  const ports = run.before.answered + answered;
  const hinted = Math.max(...group.map(({ target }) => target.state.retries.lossBehind(ports)));
  const expected = once === 0 ? 0 : Math.min(1, (hinted * answered) / once);
  return ((answeredRetries + LEAST_RETRIES * expected) / (retried + LEAST_RETRIES)) * (once - twice);
}

/** Ports that were silent at so many attempts, or more. */
function silentAfter({ silent, inFlight }: Standing, attempts: number): number {
  const flying = inFlight.filter((flight) => flight.attempts !== null && flight.attempts - 1 >= attempts);
  return sum(silent.filter((_, made) => made >= attempts)) + sum(flying.map(({ ports }) => ports));
}

/** Ports that earlier deliveries found silent, and whose turn has not come again. */
export function silentBefore({ before, targets }: ChunkRun): number {
  return Math.max(0, before.silent - (before.pending - sum(targets.map(({ unpulled }) => unpulled))));
}
