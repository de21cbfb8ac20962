import { formatPorts, NO_PORTS, type PortSet } from '../../domain/port-set.ts';
import { UNPROBED_WORDS, type UnprobedCause } from '../../domain/verdict.ts';
import { certificateNotes } from './certificate-words.ts';
import { counted } from './counted.ts';
import type { FoldedHost, PortGap, PortGroup } from './fold-ports.ts';

/** What is to be said of a host beside the table of its ports, a sentence each, without their ends. */
export function hostNotes({ rows, folded, gaps }: FoldedHost): string[] {
  return [
    ...(rows.some(({ finding }) => finding) ? [] : ['No open port found']),
    ...(folded.length === 0 ? [] : [`Not shown: ${folded.map(notShownWords).join(', ')}`]),
    ...rows.flatMap(({ finding }) => (finding ? certificateNotes(finding) : [])),
    ...gaps.map((gap) => `Not asked: ${gapRanges(gap)} (${gapWords(gap.verdict)})`),
  ];
}

/** `65531 closed tcp ports (conn-refused)`, as nmap says it. */
const notShownWords = ({ protocol, state, reason, count }: PortGroup): string =>
  `${count} ${state} ${protocol} ${count === 1 ? 'port' : 'ports'} (${reason})`;

/** The ranges of a group or gap in the port grammar: "22,8000-9000" or "U:53". */
export function rangesText({ protocol, ranges }: Pick<PortGap, 'protocol' | 'ranges'>): string {
  const set: PortSet = { ...NO_PORTS, [protocol]: ranges };
  return formatPorts(set);
}

/** Why nobody asked, in words for a person. */
export const gapWords = (verdict: PortGap['verdict']): string =>
  verdict === 'pending' ? 'not yet asked' : UNPROBED_WORDS[verdict.slice('unprobed/'.length) as UnprobedCause];

/** A scan that was cancelled leaves gaps all over the shuffled range: thousands. The JSON has every one. */
const MOST_RANGES = 40;

function gapRanges(gap: PortGap): string {
  if (gap.verdict === 'pending') return counted(gap.count, 'port');
  if (gap.ranges.length <= MOST_RANGES) return rangesText(gap);
  return `${counted(gap.count, `${gap.protocol} port`)} in ${gap.ranges.length} ranges`;
}
