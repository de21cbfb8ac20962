import { signal } from '@preact/signals';
import { pauseAfterTry, TRIES_IF_BUSY } from '../../shared/api/busy-pauses.ts';

/** Requests that wait because there is too much to do at the other end; a small line says so while there are any. */
export const waiting = signal(0);

/**
 * What a gateway answers that throttles (429), or whose function has no room to run (503); what the API itself says under
 * these numbers is a problem of its own, and no other try would mend it.
 */
export const isBusy = ({ status, headers }: Response): boolean =>
  (status === 429 || status === 503) && !headers.get('content-type')?.startsWith('application/problem+json');

/** Asks again, as often as the command does, while the answer is that there is too much to do; gives the last answer, whatever it is. */
export async function riddenOut(ask: () => Promise<Response>): Promise<Response> {
  let response = await ask();
  if (!isBusy(response)) return response;
  waiting.value += 1;
  try {
    for (let tried = 1; tried < TRIES_IF_BUSY; tried++) {
      await new Promise((resolve) => setTimeout(resolve, pauseAfterTry(tried)));
      response = await ask();
      if (!isBusy(response)) break;
    }
    return response;
  } finally {
    waiting.value -= 1;
  }
}
