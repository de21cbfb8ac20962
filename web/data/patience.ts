import { signal } from '@preact/signals';

/** Requests that wait because there is too much to do at the other end; a small line says so while there are any. */
export const waiting = signal(0);

/**
 * What a gateway answers that throttles (429), or whose function has no room to run (503); what the API itself says under
 * these numbers is a problem of its own, and no other try would mend it.
 */
export const isBusy = ({ status, headers }: Response): boolean =>
  (status === 429 || status === 503) && !headers.get('content-type')?.startsWith('application/problem+json');

/** As the command does: 0.5, 1, 2, 4 and 8 s, then 15 s each; a minute in all. */
const PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000] as const;

/** Asks again while the answer is that there is too much to do; gives the last answer, whatever it is. */
export async function riddenOut(ask: () => Promise<Response>): Promise<Response> {
  let response = await ask();
  if (!isBusy(response)) return response;
  waiting.value += 1;
  try {
    for (const pause of PAUSES_MS) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      response = await ask();
      if (!isBusy(response)) break;
    }
    return response;
  } finally {
    waiting.value -= 1;
  }
}
