import { createInterface } from 'node:readline/promises';
import { DEFAULT_TIMING, TIMING_TEMPLATES } from '../shared/domain/timing-template.ts';
import type { CliContext } from './context.ts';

/** What a person is asked for who typed nothing but the name of the program. */
export interface Answers {
  readonly target: string;
  /** "" for the default. */
  readonly timeout: string;
}

export async function askForRequest({ stdin, stderr }: CliContext): Promise<Answers> {
  const questions = createInterface({ input: stdin, output: stderr as NodeJS.WritableStream, terminal: true });
  const seconds = TIMING_TEMPLATES[DEFAULT_TIMING].initialRttTimeout / 1_000;
  try {
    const target = await questions.question('Target (name, address, block or range): ');
    const timeout = await questions.question(`Timeout of one ask in seconds [${seconds}, adapting]: `);
    return { target: target.trim(), timeout: timeout.trim() };
  } finally {
    questions.close();
  }
}
