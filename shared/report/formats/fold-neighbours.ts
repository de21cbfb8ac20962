import type { Address } from '../../domain/units.ts';

/**
 * Neighbours that look the same become one entry: a sweep of 65,536 addresses must not drown the few that answer.
 * Only the first and last of a row of them are held, and the entry is written when the next one differs.
 */
export interface NeighbourFold {
  hold(address: Address, body: string): Generator<string, void, void>;
  flush(): Generator<string, void, void>;
}

/** `entry` writes the text for a row of hosts, "10.0.0.1" or "10.0.0.1 to 10.0.0.9 (9 addresses, each alike)". */
export function foldNeighbours(entry: (hosts: string, body: string) => string): NeighbourFold {
  let held: { first: Address; last: Address; count: number; body: string } | undefined;
  function* flush(): Generator<string, void, void> {
    if (!held) return;
    const { first, last, count, body } = held;
    held = undefined;
    yield entry(count === 1 ? first : `${first} to ${last} (${count} addresses, each alike)`, body);
  }
  function* hold(address: Address, body: string): Generator<string, void, void> {
    if (held?.body === body) {
      held = { ...held, last: address, count: held.count + 1 };
      return;
    }
    yield* flush();
    held = { first: address, last: address, count: 1, body };
  }
  return { hold, flush };
}
