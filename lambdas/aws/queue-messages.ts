import type { ChunkMessage } from '../../shared/domain/scan.ts';
import { chunkNumber, scanId } from '../../shared/domain/units.ts';
import type { ChunkRange } from '../../shared/seams/range-queue.ts';

/*
 * What the bodies of messages spell, or undefined: anyone who may send to a queue may send anything.
 */

export function readChunkMessage(body: string): ChunkMessage | undefined {
  const fields = fieldsOf(body);
  const [id, chunk] = [idOf(fields), wholeNumber(fields['chunk'])];
  return id && chunk !== undefined ? { scanId: id, chunk: chunkNumber(chunk) } : undefined;
}

export function readChunkRange(body: string): ChunkRange | undefined {
  const fields = fieldsOf(body);
  const id = idOf(fields);
  const [first, count, generation] = [fields['first'], fields['count'], fields['generation']].map(wholeNumber);
  if (!id || first === undefined || count === undefined || generation === undefined) return undefined;
  // What an earlier version sent has neither: it begins like a first turn.
  const [sentFrom, window] = [fields['sentFrom'], fields['window']].map(wholeNumber);
  const { costLimit } = fields;
  return {
    scanId: id,
    first,
    count,
    generation,
    ...(sentFrom !== undefined && { sentFrom }),
    ...(window !== undefined && { window }),
    ...(typeof costLimit === 'number' && Number.isFinite(costLimit) && { costLimit }),
  };
}

function fieldsOf(body: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const idOf = ({ scanId: id }: Readonly<Record<string, unknown>>) => (typeof id === 'string' ? scanId(id) : undefined);

const wholeNumber = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
