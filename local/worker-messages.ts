import type { ErrorValue } from '../shared/domain/errors.ts';
import type { Finding } from '../shared/domain/finding.ts';
import type { ChunkMessage } from '../shared/domain/scan.ts';
import type { ChunkNumber, EpochMillis, Millis } from '../shared/domain/units.ts';
import type { ChunkProgress } from '../shared/plan/scan-time-left.ts';
import type { ChunkEnding } from '../shared/usecases/run-chunk.ts';

/** Chunks that a worker has at once: while one waits for its last timeouts, the other keeps the sockets busy. */
export const CHUNKS_AT_ONCE = 2;

/** What a worker has to know before its first chunk. */
export interface Beginning {
  readonly databasePath: string;
  /** What the fleet takes for the time now: the times of one scan go by one clock. */
  readonly now: EpochMillis;
  /** Sockets of this worker; null for as many as its process may open. */
  readonly sockets: number | null;
  /** How often it says anew how long its chunks will take; null where nobody looks, for it costs milliseconds of work. */
  readonly forecastEvery: Millis | null;
}

/** What the fleet tells a worker process. */
export type ToWorker =
  /** The first message, and only the first. */
  | { readonly kind: 'begin'; readonly beginning: Beginning }
  | { readonly kind: 'chunk'; readonly message: ChunkMessage; readonly receiveCount: number }
  /** Stop probing, write what is known, and exit. */
  | { readonly kind: 'stop' };

/** What a worker process tells the fleet. */
export type FromWorker =
  | { readonly kind: 'ready'; readonly sockets: number }
  /** Open ports, already stored. */
  | { readonly kind: 'found'; readonly findings: readonly Finding[] }
  | ({ readonly kind: 'progress'; readonly chunk: ChunkNumber } & ChunkProgress)
  | { readonly kind: 'ended'; readonly chunk: ChunkNumber; readonly ending: ChunkEnding }
  /** The chunk, or (null) the worker itself, met something it cannot recover from. */
  | {
      readonly kind: 'failed';
      readonly chunk: ChunkNumber | null;
      readonly errors: readonly ErrorValue[];
      readonly detail: string;
    };
