import { isSettled, stateAndReason, type Verdict } from '../../domain/verdict.ts';
import type { Violation } from '../expectations/expect.ts';
import { certificateWords } from './certificate-words.ts';
import { serviceText } from './finding-line.ts';
import { hostHeadline } from './host-headline.ts';
import { gapWords } from './port-words.ts';
import { printable } from './printable.ts';
import type { TimeFormat } from './time.ts';

/** One violation of `--expect` in one line, without its end. */
export function violationLine(violation: Violation, timeFormat: TimeFormat): string {
  switch (violation.kind) {
    case 'unexpected': {
      const { finding, names } = violation;
      return `unexpected: ${finding.port}/${finding.protocol} is open on ${hostText(finding.address, names)}: ${serviceText(finding)}, ${timeFormat(finding.seenAt)}`;
    }
    case 'certificate': {
      const { finding, names } = violation;
      return `certificate: ${finding.port}/${finding.protocol} on ${hostText(finding.address, names)}: ${printable(certificateWords(finding) ?? '')}`;
    }
    case 'missing': {
      const { port, protocol, address, names, verdict } = violation;
      return `missing: ${port}/${protocol} on ${hostText(address, names)} ${instead(verdict)}`;
    }
    case 'no-such-host':
      return `missing: ${printable(violation.target)} is no host of this scan`;
    default:
      return violation satisfies never;
  }
}

const hostText = (address: string, names: readonly string[]): string => printable(hostHeadline({ address, names }));

function instead(verdict: Verdict | undefined): string {
  if (verdict === undefined) return 'was not part of the scan';
  if (!isSettled(verdict)) return `was not asked: ${gapWords(verdict)}`;
  const { state, reason } = stateAndReason(verdict);
  return `is ${state} (${reason})`;
}
