import { formatPorts, NO_PORTS } from '../../domain/port-set.ts';
import { PORT_STATES, type PortState } from '../../domain/verdict.ts';
import { attributes } from './escape-xml.ts';
import type { FoldedHost, PortGap, PortGroup, PortRow } from './fold-ports.ts';
import { serviceElements } from './nmap-xml-service.ts';

/** What stands between `<ports>` and `</ports>`. */
export function* nmapPorts({ folded, rows, gaps }: FoldedHost): Generator<string> {
  for (const gap of gaps) yield gapInstruction(gap);
  for (const state of PORT_STATES) yield* extraPorts(state, folded);
  for (const row of rows) yield portElement(row);
}

/** One element a state: ndiff warns of a second one. */
function* extraPorts(state: PortState, folded: readonly PortGroup[]): Generator<string> {
  const groups = folded.filter((group) => group.state === state);
  if (groups.length === 0) return;
  yield `<extraports${attributes({ state, count: groups.reduce((sum, group) => sum + group.count, 0) })}>\n`;
  for (const { reason, count, protocol, ranges } of groups) {
    yield `<extrareasons${attributes({ reason, count, proto: protocol, ports: plainRanges(ranges) })}/>\n`;
  }
  yield '</extraports>\n';
}

/** nmap's port lists carry no protocol letters: formatted as if they were TCP ports. */
const plainRanges = (ranges: PortGroup['ranges']): string => formatPorts({ ...NO_PORTS, tcp: ranges });

function portElement({ protocol, port, state, reason, finding }: PortRow): string {
  const inside = finding ? serviceElements(finding) : '';
  return `<port${attributes({ protocol, portid: port })}><state${attributes({ state, reason, reason_ttl: 0 })}/>${inside}</port>\n`;
}

const gapInstruction = ({ protocol, verdict, count, ranges }: PortGap): string =>
  `<?portfleet gap${attributes({ protocol, verdict, count, ports: plainRanges(ranges) })}?>\n`;
