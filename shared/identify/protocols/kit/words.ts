import { type Heard, type Match, type Matcher, type Question, SURE } from './matcher.ts';

/**
 * Words that give a service away. The named groups of the pattern (`product`, `version`, `info`, `hostname`, `os`) fill in
 * the match; `is` says what the words mean by themselves.
 */
export interface Words {
  /** The name of the question that they answer; null where the service speaks first, `any` where either may be. */
  readonly after: string | null | 'any';
  readonly pattern: RegExp;
  readonly is?: Partial<Omit<Match, 'name'>>;
}

/** The match of the first of these words that the service said. */
export function matchWords(name: string, words: readonly Words[], { text, asked }: Heard): Match | null {
  for (const { after, pattern, is } of words) {
    if (after !== 'any' && after !== asked) continue;
    const found = pattern.exec(text);
    if (found !== null) return { name, confidence: SURE, ...is, ...found.groups };
  }
  return null;
}

/** A protocol that is known by words alone. */
export interface WordsProtocol extends Omit<Matcher, 'match' | 'question' | 'tlsPorts'> {
  readonly tlsPorts?: readonly number[];
  readonly question?: Question | null;
  readonly words: readonly Words[];
}

export const wordsMatcher = ({ words, question = null, tlsPorts = [], ...rest }: WordsProtocol): Matcher => ({
  ...rest,
  tlsPorts,
  question,
  match: (heard) => matchWords(rest.name, words, heard),
});

/** A question that is a text. */
export const textQuestion = (name: string, text: string): Question => ({
  name,
  bytes: () => Uint8Array.from(text, (character) => character.charCodeAt(0)),
});

/** The same, asked on the connection that brought the answer before it. */
export const textFollowUp = (name: string, text: string): Question => ({
  ...textQuestion(name, text),
  continues: true,
});
