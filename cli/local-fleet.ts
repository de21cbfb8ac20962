import { availableParallelism } from 'node:os';
import { MOST_SOCKETS } from '../local/descriptor-limit.ts';
import { err, ok, type Result } from '../shared/domain/result.ts';
import type { FleetSize } from '../shared/plan/split-chunks.ts';
import { unreadableOption, wholeNumber } from '../shared/request/parse-timing.ts';

/** More processes than this find no core of their own on any machine this was tried on. */
const MOST_WORKERS = 256;

/** What `--workers` says; a process for each core when it says nothing. */
export function parseWorkers(text: string | undefined): Result<number> {
  if (text === undefined) return ok(availableParallelism());
  const workers = wholeNumber(text.trim(), 1, MOST_WORKERS);
  if (workers !== undefined) return ok(workers);
  return err(unreadableOption('--workers', text, `a whole number from 1 to ${MOST_WORKERS}`));
}

/**
 * No worker of one's own machine runs out of time, so the size of a chunk only has to leave each worker several; its
 * coverage is written every second, whatever its size. 2¹⁶ holds every port of one protocol.
 */
const MOST_PROBES_PER_CHUNK = 65_536;

/** This machine as the planner sees it. */
export const localFleet = (workers: number): FleetSize => ({
  workers,
  socketsPerWorker: MOST_SOCKETS,
  maxProbesPerChunk: MOST_PROBES_PER_CHUNK,
});
