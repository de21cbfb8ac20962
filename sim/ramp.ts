import { FIRST_INVOCATIONS, MORE_INVOCATIONS_PER_SECOND } from './aws-figures.ts';

/** Invocations that an event source may have under way, `seconds` after its first message. */
export const slotsAt = (seconds: number, most: number): number =>
  Math.min(most, FIRST_INVOCATIONS + Math.floor(seconds * MORE_INVOCATIONS_PER_SECOND));

/** When the slot with that number, from 0, opens. */
export const slotOpensAt = (slot: number): number =>
  Math.max(0, slot + 1 - FIRST_INVOCATIONS) / MORE_INVOCATIONS_PER_SECOND;
