/** Of a user's text an error shows no more: enough to find the place, and two lines of a terminal. */
const LONGEST_EXCERPT = 160;

/** Letters before the place that is wrong, so that it is seen in its surroundings. */
const BEFORE = 40;

/** A part of a text: from `start` to `end`. */
interface Marked {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A text of any length cut down to what is around the marked part, with "…" where something is left out. */
export function excerptOf<Part extends Marked>(part: Part): Part {
  const { text, start, end } = part;
  if (text.length <= LONGEST_EXCERPT) return part;
  const from = Math.max(0, Math.min(start - BEFORE, text.length - LONGEST_EXCERPT));
  const to = Math.min(text.length, from + LONGEST_EXCERPT);
  const [head, tail] = [from > 0 ? '…' : '', to < text.length ? '…' : ''];
  const place = (offset: number) => Math.min(Math.max(offset, from), to) - from + head.length;
  return { ...part, text: `${head}${text.slice(from, to)}${tail}`, start: place(start), end: place(end) };
}

/** The longest sentence that an error may have; what a user wrote stands in it once or twice. */
const LONGEST_SENTENCE = 400;

/** A sentence of any length as one that can be read. */
export const cutSentence = (text: string): string =>
  text.length <= LONGEST_SENTENCE ? text : `${text.slice(0, LONGEST_SENTENCE)}…`;

/** Letters of one word that are quoted in a sentence. */
const LONGEST_QUOTE = 80;

/** A word of a user, in quotes, as a sentence can hold it. */
export const quoted = (word: string): string =>
  word.length <= LONGEST_QUOTE ? `"${word}"` : `"${word.slice(0, LONGEST_QUOTE)}…"`;
