import type { Random } from '../helpers/faults.ts';

/** What a case is made from: inputs that are right, and the pieces that mean something in them. */
export interface Material {
  readonly seeds: readonly string[];
  readonly words: readonly string[];
}

/** Longer cases only repeat what shorter ones show; how time grows with the length has a test of its own. */
const LONGEST = 2_000;

/** A case: a seed, or two spliced together, with a few changes; now and then a row of words, or of anything at all. */
export function mutated({ seeds, words }: Material, random: Random): string {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  if (random() < 0.1) return Array.from({ length: 1 + random() * 12 }, () => pick(words)).join('');
  if (random() < 0.05) return Array.from({ length: random() * 40 }, () => anyCharacter(random)).join('');
  let text = pick(seeds);
  if (random() < 0.1) text = spliced(text, pick(seeds), random);
  for (let change = random() * 4; change > 0; change--)
    text = CHANGES[Math.floor(random() * CHANGES.length)]?.(text, random, pick(words)) ?? text;
  return text.slice(0, LONGEST);
}

type Change = (text: string, random: Random, word: string) => string;

const placeIn = (text: string, random: Random): number => Math.floor(random() * (text.length + 1));

const CHANGES: readonly Change[] = [
  (text, random, word) => insert(text, placeIn(text, random), word),
  (text, random) => insert(text, placeIn(text, random), anyCharacter(random)),
  (text, random) => cut(text, placeIn(text, random), 1 + random() * 4),
  (text, random, word) => insert(cut(text, placeIn(text, random), word.length), placeIn(text, random), word),
  (text, random) => repeat(text, placeIn(text, random), 1 + random() * 8, 2 + random() * 6),
  (text, random) => text.slice(0, placeIn(text, random)),
  (text, random) => text.replace(/\d+/, String(pickNumber(random))),
];

const insert = (text: string, at: number, what: string): string => text.slice(0, at) + what + text.slice(at);
const cut = (text: string, at: number, length: number): string => text.slice(0, at) + text.slice(at + length);
const spliced = (a: string, b: string, random: Random): string =>
  a.slice(0, placeIn(a, random)) + b.slice(placeIn(b, random));

function repeat(text: string, at: number, length: number, times: number): string {
  return insert(text, at, text.slice(at, at + length).repeat(times));
}

/** Numbers at which something ends. */
const EDGES = [0, 1, -1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 31, 2 ** 32, 2 ** 53, 1e21, Number.NaN];
const pickNumber = (random: Random): number => EDGES[Math.floor(random() * EDGES.length)] as number;

/** Characters that mean something to a parser, a terminal or a format, half of the time; otherwise any. */
const TELLING = [
  ...'\0\t\n\r\u001b[31m\u0085\u009b\u200b\u202e\u2066\ufeff\ud800\udc00"\'\\`<>&;|=,{}()*?#%:/-.@$~^',
  '😀',
  'é',
  'İ',
  'ſ',
];

function anyCharacter(random: Random): string {
  if (random() < 0.5) return TELLING[Math.floor(random() * TELLING.length)] as string;
  return String.fromCharCode(Math.floor(random() * (random() < 0.7 ? 128 : 65_536)));
}
