import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '../helpers/faults.ts';
import { mutated } from './mutate.ts';
import { type FuzzTarget, TARGETS } from './targets.ts';

/** A case that showed a mistake once: it is run first, for ever. */
export interface CorpusCase {
  readonly target: string;
  readonly text: string;
}

export const CORPUS_FILE = fileURLToPath(new URL('./corpus.json', import.meta.url));
export const corpus = (): CorpusCase[] => JSON.parse(readFileSync(CORPUS_FILE, 'utf8')) as CorpusCase[];

export interface FuzzFailure extends CorpusCase {
  readonly why: string;
}

/** Why the case fails; undefined where it does not. */
export async function failureOf(target: FuzzTarget, text: string): Promise<FuzzFailure | undefined> {
  try {
    await target.check(text);
    return undefined;
  } catch (error) {
    return { target: target.name, text, why: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** Cases in the corpus that fail. */
export async function failuresOfCorpus(): Promise<FuzzFailure[]> {
  const found: FuzzFailure[] = [];
  for (const { target: name, text } of corpus()) {
    const target = TARGETS.find((each) => each.name === name);
    if (!target) throw new Error(`the corpus has a case of "${name}", which nothing checks`);
    const failure = await failureOf(target, text);
    if (failure) found.push(failure);
  }
  return found;
}

export interface FuzzLimits {
  /** Cases over all targets. */
  readonly cases: number;
  readonly isOver: () => boolean;
  readonly onCase?: (target: string, done: number) => void;
}

/** Failures of one target are told this often; more of them are the same mistake. */
const FAILURES_PER_TARGET = 3;

/**
 * Runs cases of every target in turn, in slices, so that a run that is ended early has seen all of them. A case follows
 * from the seed, the target and its number alone.
 */
export async function fuzz(
  seed: number,
  { cases, isOver, onCase }: FuzzLimits,
): Promise<{ done: number; failures: FuzzFailure[] }> {
  const randoms = new Map(TARGETS.map((target, place) => [target.name, seededRandom(seed * 1_000 + place)]));
  const failures: FuzzFailure[] = [];
  let done = 0;
  while (done < cases && !isOver()) {
    for (const target of TARGETS) {
      const random = randoms.get(target.name) ?? Math.random;
      const known = failures.filter(({ target: name }) => name === target.name).length;
      if (known >= FAILURES_PER_TARGET) continue;
      for (let nth = 0; nth < sliceOf(target) && done < cases; nth++) {
        const failure = await failureOf(target, mutated(target, random));
        if (failure) failures.push(failure);
        done += 1;
        if (failure) break;
      }
      onCase?.(target.name, done);
    }
    if (TARGETS.every(({ name }) => failures.filter(({ target }) => target === name).length >= FAILURES_PER_TARGET))
      break;
  }
  return { done, failures };
}

/** Cases of a target in a row: what takes longer gets fewer, so that a million cases take minutes. */
const SLICES: Readonly<Record<string, number>> = {
  messages: 400,
  ids: 200,
  target: 400,
  ports: 60,
  body: 60,
  matchers: 60,
  lists: 20,
  request: 10,
  expectations: 10,
  xml: 4,
  banners: 1,
};

const sliceOf = ({ name }: FuzzTarget): number => SLICES[name] ?? 10;
