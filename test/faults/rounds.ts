import { type Random, seededRandom } from '../helpers/faults.ts';

/** How often the faults are tried, and the seed that decides them: FAULT_ROUNDS=100 FAULT_SEED=7 npm run test:faults. */
export const ROUNDS = Number(process.env['FAULT_ROUNDS'] ?? 5);
export const SEED = Number(process.env['FAULT_SEED'] ?? Date.now() % 1_000_000);

/** One source of numbers a suite; the seed is printed, so that a failure can be tried again. */
export function randomOf(suite: string): Random {
  console.info(`${suite}: ${ROUNDS} rounds, seed ${SEED}`);
  return seededRandom(SEED);
}
