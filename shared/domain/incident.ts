import { type Address, type EpochMillis, epochMillis } from './units.ts';

/** Something that befell a target while it was probed, and that its verdicts do not tell. */
export interface Incident {
  /** It had answered, and fell silent; or it had shown other states, and reset everything from then on. */
  readonly kind: 'went-silent' | 'reset-everything';
  readonly address: Address;
  /** When it was last heard, or last showed another state, and did so again; null if it did not. */
  readonly from: EpochMillis;
  readonly until: EpochMillis | null;
  /** How many ports are not told for it, or were reset meanwhile. */
  readonly ports: number;
}

/** From when to when targets were not to be heard. */
export const silencesOf = ({ tally }: { readonly tally: { readonly incidents?: readonly Incident[] } }): Incident[] =>
  (tally.incidents ?? []).filter(({ kind }) => kind === 'went-silent');

/** More are no news: something befell the network, not the targets. So a record stays a few KB. */
const MOST_INCIDENTS = 64;

/** Both lists, the same incident as several chunks saw it made one, the first ones if there are too many. */
export function joinIncidents(a: readonly Incident[], b: readonly Incident[]): Incident[] {
  const joined: Incident[] = [...a];
  for (const each of b) {
    const place = joined.findIndex((other) => isSame(other, each));
    const other = joined[place];
    if (other) joined[place] = joinTwo(other, each);
    else joined.push(each);
  }
  return joined.slice(0, MOST_INCIDENTS);
}

/** Two chunks notice one silence at moments as far apart as their answers are. */
const NOTICED_WITHIN = 10_000;

function isSame(a: Incident, b: Incident): boolean {
  if (a.kind !== b.kind || a.address !== b.address) return false;
  const end = (each: Incident): number => each.until ?? Number.POSITIVE_INFINITY;
  return a.from <= end(b) + NOTICED_WITHIN && b.from <= end(a) + NOTICED_WITHIN;
}

function joinTwo(a: Incident, b: Incident): Incident {
  // The target was heard until the last answer that any chunk had of it.
  const from = epochMillis(Math.max(a.from, b.from));
  const until = a.until === null || b.until === null ? null : epochMillis(Math.max(a.until, b.until));
  return { ...a, from, until, ports: a.ports + b.ports };
}
