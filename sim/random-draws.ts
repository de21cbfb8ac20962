import type { Seed } from '../shared/domain/units.ts';
import { permutation } from '../shared/plan/permutation.ts';

/** Random draws that hang on a seed and a place alone, so that what happens elsewhere never changes them. */
export interface Draws {
  /** In [0, 1). */
  uniform(): number;
  /** A lognormal value around its median. */
  lognormal(of: { readonly median: number; readonly sigma: number }): number;
  /** How many of `count` things of probability `share` come true. */
  binomial(count: number, share: number): number;
}

const NUMBERS = 2 ** 32;

/** Draws that each place may take before it meets those of the next one. */
const DRAWS_PER_PLACE = 64;

/**
 * `place`: a chunk and its delivery, say. The scan's own shuffle makes the numbers. What is given is one object, which
 * goes on from the place that was asked for last.
 */
export function makeDraws(seed: Seed): (place: number) => Draws {
  const shuffled = permutation(NUMBERS, seed);
  let next = 0;
  const uniform = (): number => shuffled(next++) / NUMBERS;
  // Box and Muller's normal; 1 − u is never 0.
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const draws: Draws = {
    uniform,
    lognormal: ({ median, sigma }) => median * Math.exp(sigma * normal()),
    binomial: (count, share) => {
      if (share <= 0 || count === 0) return 0;
      if (share >= 1) return count;
      const mean = count * share;
      if (count <= FEW || mean < FEW) return binomialAt(count, share, uniform());
      const drawn = Math.round(mean + Math.sqrt(mean * (1 - share)) * normal());
      return Math.max(0, Math.min(count, drawn));
    },
  };
  return (place) => {
    next = (place * DRAWS_PER_PLACE) % NUMBERS;
    return draws;
  };
}

/** As many things, or as many that are likely to come true, are counted exactly; more are a normal draw. */
const FEW = 12;

/** How many of `count` things come true where the distribution's sum reaches `draw`. */
function binomialAt(count: number, share: number, draw: number): number {
  let hits = 0;
  let chance = (1 - share) ** count;
  for (let left = draw - chance; left >= 0 && hits < count; left -= chance) {
    chance *= ((count - hits) / (hits + 1)) * (share / (1 - share));
    hits += 1;
  }
  return hits;
}
