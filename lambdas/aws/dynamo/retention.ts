import type { Clock } from '../../../shared/seams/clock.ts';

/** When what is written now may be forgotten. DynamoDB deletes it some days later; until then readers must look away. */
export interface Retention {
  /** Seconds since 1970, as DynamoDB's time to live wants them. */
  expires(): number;
  isOver(item: { readonly expires?: number }): boolean;
}

const SECONDS_PER_DAY = 86_400;

export function makeRetention(days: number, clock: Pick<Clock, 'wall'>): Retention {
  const now = (): number => Math.floor(clock.wall() / 1_000);
  return {
    expires: () => now() + days * SECONDS_PER_DAY,
    isOver: ({ expires = Number.POSITIVE_INFINITY }) => expires <= now(),
  };
}
