import type { Result } from '../domain/result.ts';
import type { WatchExpectation } from '../domain/watch.ts';
import type { Expectation } from '../report/expectations/expect.ts';
import { parseExpect, parseExpectFile } from '../report/expectations/parse-expect.ts';

/** The expectation of a watch, read. Errors: those of ports and of a file for `--expect`, at `field`. */
export async function readExpectation({ kind, text }: WatchExpectation, field: string): Promise<Result<Expectation>> {
  return kind === 'ports' ? parseExpect(text, field) : parseExpectFile(text, field);
}
