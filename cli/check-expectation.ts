import { readFile } from 'node:fs/promises';
import { fault } from '../shared/domain/errors.ts';
import { type Expectation, type Strictness, type Violation, violations } from '../shared/domain/expect.ts';
import type { Report } from '../shared/domain/report.ts';
import { faulty, ok, type Result } from '../shared/domain/result.ts';
import { certificateWords } from '../shared/formats/certificate-words.ts';
import { printable } from '../shared/formats/printable.ts';
import { isExpectFile, parseExpect, parseExpectFile } from '../shared/plan/parse-expect.ts';
import type { ScanOptions } from './scan-options.ts';
import type { Surroundings } from './surroundings.ts';

/** What `--expect` says; null where it is not given. */
export async function readExpectation({ expect, expectExact }: ScanOptions): Promise<Result<Expectation | null>> {
  if (expect === undefined) {
    if (!expectExact) return ok(null);
    const mend = 'Add --expect with the ports that should be open.';
    return faulty(fault('OPTIONS_CONFLICT', '--expect-exact says how exact, but not what is expected.', { mend }));
  }
  if (!isExpectFile(expect)) return parseExpect(expect, '--expect');
  try {
    return parseExpectFile(await readFile(expect, 'utf8'), expect);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return faulty(fault('EXPECTATION_UNREADABLE', `${expect} cannot be read: ${why}.`));
  }
}

/** Names everything that is not as expected on standard error; true when all is. */
export async function isAsExpected(
  report: Report,
  expectation: Expectation,
  strictness: Strictness,
  around: Surroundings,
): Promise<boolean> {
  let asExpected = true;
  for await (const violation of violations(report, expectation, strictness)) {
    asExpected = false;
    around.stderr.write(`portfleet: ${printable(violationWords(violation))}\n`);
  }
  return asExpected;
}

function violationWords(violation: Violation): string {
  switch (violation.kind) {
    case 'unexpected': {
      const { address, port, protocol, service } = violation.finding;
      return `${address} has ${port}/${protocol} open (${service.name}), which is not expected.`;
    }
    case 'certificate': {
      const { address, port, protocol } = violation.finding;
      return `${address} shows a certificate on ${port}/${protocol} that needs a look: ${certificateWords(violation.finding)}.`;
    }
    case 'missing': {
      const { address, port, protocol, verdict } = violation;
      return `${address} should have ${port}/${protocol} open; it is ${verdict ?? 'not part of this scan'}.`;
    }
    case 'no-such-host':
      return `${violation.target} is expected to be there, and no host of this scan is it.`;
    default:
      return violation satisfies never;
  }
}
