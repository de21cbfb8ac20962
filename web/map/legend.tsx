import { CELL_STATES, STATE_WORDS } from '../data/states.ts';
import { grouped } from '../parts/words.ts';

/** What the colours and patterns mean, with how many ports have each; states that do not occur are left out. */
export function Legend({ counts }: { readonly counts: readonly number[] }) {
  return (
    <ul class="legend">
      {CELL_STATES.map((state, code) =>
        (counts[code] ?? 0) > 0 && state !== 'not-planned' ? (
          <li key={state} data-state={state}>
            <span class={`swatch ${state.replace('|', '-')}`} aria-hidden="true" />
            {STATE_WORDS[state]} <strong>{grouped(counts[code] ?? 0)}</strong>
          </li>
        ) : null,
      )}
    </ul>
  );
}
