import type { PortState, Verdict } from '../../shared/domain/verdict.ts';

/** What a cell of the map can show: a port's state, or why it has none. The order is the code in a byte. */
export const CELL_STATES = [
  'not-planned',
  'pending',
  'open',
  'closed',
  'filtered',
  'open|filtered',
  'unprobed',
] as const satisfies readonly (PortState | 'not-planned' | 'pending' | 'unprobed')[];

export type CellState = (typeof CELL_STATES)[number];

export const cellCode = (state: CellState): number => CELL_STATES.indexOf(state);

export const cellState = (code: number): CellState => CELL_STATES[code] ?? 'not-planned';

/** `open/syn-ack` is open; what is not probed and what waits have names of their own. */
export function cellStateOf(verdict: Verdict): CellState {
  const [head] = verdict.split('/') as [CellState | 'unprobed'];
  return CELL_STATES.includes(head) ? head : 'unprobed';
}

/** In words for a legend and for screen readers. */
export const STATE_WORDS: Readonly<Record<CellState, string>> = {
  'not-planned': 'not in the plan',
  pending: 'not probed yet',
  open: 'open',
  closed: 'closed',
  filtered: 'filtered',
  'open|filtered': 'open or filtered',
  unprobed: 'could not be probed',
};
