import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where the recordings are: a file for each entry of the roster. */
export const RECORDINGS = fileURLToPath(new URL('../fixtures/recorded', import.meta.url));

/** What a real server said, as `record.ts` wrote it down. Bytes are in hex. */
export interface Recording {
  /** The package that it was heard from, with its version. */
  readonly from: string;
  readonly answers: readonly RecordedAnswer[];
}

interface RecordedAnswer {
  /** The port that it was taken for. */
  readonly port: number;
  /** The name of the question before it; null where the server spoke first. */
  readonly asked: string | null;
  /** The question itself, where no matcher knows the answer without it. */
  readonly sent?: string;
  readonly heard: string;
  /** When, in milliseconds since 1970. */
  readonly at: number;
  /** Whether it was said inside TLS. */
  readonly tls: boolean;
}

/** The file of an entry of the roster. */
export const fileOf = (name: string): string => `${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.json`;

/** Every recording that there is, by its file. */
export const recordings = (): ReadonlyMap<string, Recording> =>
  new Map(
    readdirSync(RECORDINGS)
      .sort()
      .map((file) => [file, JSON.parse(readFileSync(`${RECORDINGS}/${file}`, 'utf8')) as Recording]),
  );
