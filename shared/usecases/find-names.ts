import { pointOf } from '../domain/addresses/address-line.ts';
import type { Chunk } from '../domain/chunk.ts';
import { isAnswer } from '../domain/host-presence.ts';
import type { NamesOfAddresses, ReverseNames } from '../domain/reverse-names.ts';
import { type Address, type Millis, millis } from '../domain/units.ts';
import { isSettled, verdictOf } from '../domain/verdict.ts';
import { isLoopback } from '../request/target-policy.ts';
import type { Clock } from '../seams/clock.ts';
import type { ReverseResolver } from '../seams/resolver.ts';
import { makeStop, sleep } from '../seams/sleep.ts';

/** Lookups under way at once: what a name server at home takes without dropping any. */
const AT_ONCE = 16;

/** What a chunk may spend on names. A lookup takes 8 s at the most where no server answers (2 s, twice, and the same again). */
const WITHIN = millis(10_000);

/** So many lookups in a row without any answer, and the servers are given up. */
const UNANSWERED = 16;

/** For so long: whatever keeps them from answering seldom ends sooner, and each chunk would wait for it anew. */
const REST = 60_000;

/** A load balancer's address may have hundreds of names; the first few tell what it is. */
const NAMES_OF_ONE = 4;

/** Characters of names in a record of a chunk, which DynamoDB bounds to 400 KB together with its verdicts. */
const CHARACTERS_OF_CHUNK = 131_072;

/** A host name (RFC 1123), with what is seen in PTR records beside it: "_", and the "/" of RFC 2317. Nothing else is kept. */
const HOST_NAME = /^[\w/-]+(?:\.[\w/-]+)*$/;
const LONGEST_NAME = 253;

/** Looks up the names of addresses, chunk by chunk; what it learns of the name servers holds for the next chunk. */
export interface NameFinder {
  find(
    chunk: Chunk,
    codes: Uint8Array,
    wanted: ReverseNames,
    until: { readonly signal: AbortSignal; readonly deadline: Millis | null },
  ): Promise<NamesOfAddresses>;
}

/** Names found late, or by a server that does not answer, are left out: they are worth a look, and no scan waits for one. */
export function makeNameFinder(resolver: ReverseResolver, clock: Clock): NameFinder {
  let restsUntil = 0;
  let unanswered = 0;
  return {
    async find(chunk, codes, wanted, { signal, deadline }) {
      const waiting = addressesOf(chunk, codes, wanted.of).values();
      const latest = millis(Math.min(clock.now() + WITHIN, deadline ?? Number.POSITIVE_INFINITY));
      const stop = makeStop({ clock, signal, deadline: latest });
      const found: Record<Address, readonly string[]> = {};
      let left = CHARACTERS_OF_CHUNK;
      const isOver = (): boolean => stop.stopped || left <= 0 || clock.now() < restsUntil;
      const lookUp = async (): Promise<void> => {
        for (const address of waiting) {
          if (isOver()) return;
          const answer = await resolver.namesOf(address, wanted.servers);
          unanswered = answer ? 0 : unanswered + 1;
          if (unanswered >= UNANSWERED) restsUntil = clock.now() + REST;
          const names = hostNames(answer ?? []);
          left -= names.join('').length;
          if (names.length > 0 && left > 0 && !stop.stopped) found[address] = names;
        }
      };
      const all = Promise.all(Array.from({ length: AT_ONCE }, lookUp));
      await sleep(clock, null, whenDone(all), stop.whenStopped);
      stop.forget();
      return { ...found };
    },
  };
}

const whenDone = (work: Promise<unknown>) => (wake: () => void) => {
  work.then(wake, wake);
  return () => {};
};

/** Addresses of this machine have no name that a name server could tell; they are left alone unless all are meant. */
function addressesOf({ addresses, ports }: Chunk, codes: Uint8Array, of: ReverseNames['of']): readonly Address[] {
  if (of === 'all') return addresses;
  return addresses.filter((address, index) => {
    const own = codes.subarray(index * ports.length, (index + 1) * ports.length);
    return isAlive(own) && !isOfThisMachine(address);
  });
}

const isAlive = (codes: Uint8Array): boolean =>
  codes.some((code) => {
    const verdict = verdictOf(code);
    return isSettled(verdict) && isAnswer(verdict);
  });

function isOfThisMachine(address: Address): boolean {
  const point = pointOf(address);
  return isLoopback([[point, point]]);
}

const hostNames = (names: readonly string[]): string[] => {
  const clean = names.map((name) => name.replace(/\.$/, '').toLowerCase());
  return [...new Set(clean.filter((name) => name.length <= LONGEST_NAME && HOST_NAME.test(name)))]
    .sort()
    .slice(0, NAMES_OF_ONE);
};
