/** One piece of markup in a buffer, or how far the search for its end has come. */
export type Markup =
  | { readonly kind: MarkupKind; readonly start: number; readonly end: number }
  | { readonly kind: 'more'; readonly progress: Progress };

export type MarkupKind = 'comment' | 'cdata' | 'instruction' | 'declaration' | 'tag';

/** So that a huge tag that comes in small pieces is searched once, not once a piece. */
export interface Progress {
  /** Characters after the place the search began at that need not be looked at again. */
  readonly searched: number;
  /** The quote that is open there, inside a tag. */
  readonly quote: string;
}

export const NOT_SEARCHED: Progress = { searched: 0, quote: '' };

const KINDS = [
  ['<!--', '-->', 'comment'],
  ['<![CDATA[', ']]>', 'cdata'],
  ['<?', '?>', 'instruction'],
  ['<!', '>', 'declaration'],
  ['<', '>', 'tag'],
] as const satisfies readonly (readonly [string, string, MarkupKind])[];

/** With fewer characters, `<![CDA` could still become one kind or another. */
const LONGEST_OPENING = '<![CDATA['.length;

/** The next markup at or after `from`. `progress` is what the last search from the same place came to. */
export function findMarkup(buffer: string, from: number, progress: Progress): Markup {
  const start = buffer.indexOf('<', from);
  const isCut = start >= 0 && buffer.length - start < LONGEST_OPENING && !buffer.includes('>', start);
  const found = KINDS.find(([opening]) => start >= 0 && buffer.startsWith(opening, start));
  if (isCut || !found) return { kind: 'more', progress: NOT_SEARCHED };
  const [opening, closing, kind] = found;
  const resume = Math.max(start + opening.length, from + progress.searched);
  if (kind === 'tag') return findTagEnd(buffer, from, start, { searched: resume, quote: progress.quote });
  const last = buffer.indexOf(closing, resume);
  if (last >= 0) return { kind, start, end: last + closing.length };
  // The closing mark itself may be cut in two.
  return { kind: 'more', progress: { searched: Math.max(0, buffer.length - closing.length - from), quote: '' } };
}

/** A `>` between quotes does not end a tag. */
function findTagEnd(buffer: string, from: number, start: number, resume: Progress): Markup {
  let { searched: at, quote } = resume;
  for (; at < buffer.length; at++) {
    const character = buffer.charAt(at);
    if (quote !== '') {
      at = buffer.indexOf(quote, at);
      if (at < 0) break;
      quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '>') return { kind: 'tag', start, end: at + 1 };
  }
  return { kind: 'more', progress: { searched: buffer.length - from, quote } };
}
