import { CHUNKS_PER_SENDING, RANGES_PER_RANGE } from '../domain/limits.ts';

/** Numbers from `first` on, `count` of them. */
interface NumberRange {
  readonly first: number;
  readonly count: number;
}

/**
 * The ranges that a range is cut into, none longer than it must be; the range itself when one call can send it.
 *
 *   10⁶ chunks ─▶ 100 ranges of 10,000 ─▶ 10 ranges each of 1,000 ─▶ the chunks
 *
 * All but the last are whole sendings, so cutting further never leaves a crumb.
 */
export function cutRange<Range extends NumberRange>(range: Range): readonly Range[] {
  if (range.count <= CHUNKS_PER_SENDING) return [range];
  const sendings = Math.ceil(range.count / CHUNKS_PER_SENDING);
  const size = Math.ceil(sendings / RANGES_PER_RANGE) * CHUNKS_PER_SENDING;
  const end = range.first + range.count;
  return Array.from({ length: Math.ceil(range.count / size) }, (_, nth) => {
    const first = range.first + nth * size;
    return { ...range, first, count: Math.min(size, end - first) };
  });
}
