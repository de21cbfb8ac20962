import type { Scan } from '../shared/domain/scan.ts';
import { type ChunkNumber, chunkNumber } from '../shared/domain/units.ts';
import type { ScanStore } from '../shared/seams/scan-store.ts';
import { makeSums, type SumsInTheMaking } from '../shared/usecases/aggregate-scan.ts';

/** Sums up the chunks of a scan while others are probed: of a million open ports it takes five seconds. */
export interface EarlySums {
  /** Nothing will be stored of the chunk any more. */
  ended(chunk: ChunkNumber): void;
  /** What there is when the last chunk that was begun is read; undefined where one could not be. */
  settled(): Promise<SumsInTheMaking | undefined>;
}

export function makeEarlySums(scan: Scan, store: ScanStore): EarlySums {
  const sums = makeSums(scan, store);
  /** Chunks that ended before one that comes earlier: sums are made in the order of the plan. */
  const early = new Set<ChunkNumber>();
  let next = chunkNumber(0);
  let reading = Promise.resolve();
  let isBroken = false;
  return {
    ended(chunk) {
      early.add(chunk);
      while (early.delete(next)) next = chunkNumber(next + 1);
      const end = next;
      // Whoever needs the sums reads the chunk again, and tells what is wrong with it.
      reading = reading
        .then(() => sums.readUpTo(end))
        .catch(() => {
          isBroken = true;
        });
    },
    async settled() {
      await reading;
      return isBroken ? undefined : sums;
    },
  };
}
