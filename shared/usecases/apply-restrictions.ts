import type { Chunk } from '../domain/chunk.ts';
import { hasPort } from '../domain/port-set.ts';
import type { Scan } from '../domain/scan.ts';
import type { Address } from '../domain/units.ts';
import { verdictCode } from '../domain/verdict.ts';
import type { EgressRestrictions } from '../request/egress-restrictions.ts';
import { isForbidden, type Policy } from '../request/target-policy.ts';

/**
 * Marks the probes that this worker may not ask, or cannot, as unprobed. The policy is the worker's own: a message, or
 * a plan, may have been made by anyone who can write to the queue.
 */
export function applyRestrictions(
  scan: Scan,
  chunk: Chunk,
  codes: Uint8Array,
  policy: Policy,
  egress: EgressRestrictions,
): void {
  const perAddress = chunk.ports.length;
  const blocked = chunk.ports.flatMap(({ protocol, port }, place) =>
    hasPort(egress.blocked, protocol, port) ? [place] : [],
  );
  chunk.addresses.forEach((address, index) => {
    const start = index * perAddress;
    for (const place of blocked) codes[start + place] = verdictCode('unprobed/blocked-by-egress');
    if (isForbidden(policy, address, namesOf(scan, address))) {
      codes.fill(verdictCode('unprobed/forbidden'), start, start + perAddress);
    }
  });
}

/** The names of the request that stood for this address when the scan was submitted. */
const namesOf = (scan: Scan, address: Address): string[] =>
  scan.names.filter(({ addresses }) => addresses.includes(address)).map(({ name }) => name);
