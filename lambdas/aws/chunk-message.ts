import type { ChunkMessage } from '../../shared/domain/scan.ts';
import { chunkNumber, scanId } from '../../shared/domain/units.ts';

/** The message that the body of a queue's message spells, or undefined: anyone who may send to the queue may send anything. */
export function readChunkMessage(body: string): ChunkMessage | undefined {
  const parsed = parse(body);
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const { scanId: id, chunk } = parsed as Record<string, unknown>;
  const known = typeof id === 'string' ? scanId(id) : undefined;
  if (!known || typeof chunk !== 'number' || !Number.isInteger(chunk) || chunk < 0) return undefined;
  return { scanId: known, chunk: chunkNumber(chunk) };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
