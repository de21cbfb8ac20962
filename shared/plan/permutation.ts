import type { Seed } from '../domain/units.ts';

/** Four rounds of a Feistel network over a good mixer pass every statistical test that matters to a scan order. */
const ROUNDS = 4;

/** A 32-bit mixer (the finaliser of MurmurHash3): every input bit moves every output bit. */
function mix(value: number): number {
  let hash = value >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * A seeded shuffle of 0 … size − 1 that needs no memory: the returned function is a bijection, so calling it for
 * 0, 1, 2 … visits every number exactly once. A Feistel network permutes the next power of four; numbers beyond `size`
 * are walked on until they fall inside (at most four steps on average, and each stays a bijection).
 *
 * Why shuffle at all: ports in order look like a sweep to every filter, and hit one service's neighbours at once.
 */
export function permutation(size: number, seed: Seed): (index: number) => number {
  const half = Math.max(1, Math.ceil(Math.log2(Math.max(2, size)) / 2));
  const mask = 2 ** half - 1;
  const keys = Array.from({ length: ROUNDS }, (_, round) => mix(seed + Math.imul(round + 1, 0x9e3779b9)));
  const encrypt = (plain: number): number => {
    let left = plain >>> half;
    let right = plain & mask;
    for (const key of keys) [left, right] = [right, left ^ (mix(right ^ key) & mask)];
    return ((left << half) | right) >>> 0;
  };
  return (index) => {
    let place = encrypt(index);
    while (place >= size) place = encrypt(place);
    return place;
  };
}
