import { plannedPorts } from '../../domain/planned-ports.ts';
import type { PortSet } from '../../domain/port-set.ts';
import { PROTOCOLS, type Protocol } from '../../domain/probe.ts';
import type { HostReport } from '../../domain/report.ts';
import { HIGHEST_PORT } from '../../domain/units.ts';
import { isSettled, stateAndReason, type Verdict } from '../../domain/verdict.ts';

/** IANA's three ranges (RFC 6335, section 6), each a lane as wide as the page: most of what matters is in the first. */
const RANGES = [
  { name: 'system ports', first: 0, last: 1023 },
  { name: 'user ports', first: 1024, last: 49_151 },
  { name: 'dynamic ports', first: 49_152, last: HIGHEST_PORT },
] as const;

/** How a port is painted. Where the ports of one column differ, the first of these that one of them is. */
export const PAINTS = ['open', 'maybe', 'unprobed', 'filtered', 'closed'] as const;
export type Paint = (typeof PAINTS)[number];

export function paintOf(verdict: Verdict): Paint {
  if (!isSettled(verdict)) return 'unprobed';
  const { state } = stateAndReason(verdict);
  return state === 'open|filtered' ? 'maybe' : state;
}

/** A column a port in the system range. However many ports there are, a lane never becomes wider. */
export const COLUMNS = 1024;

/** A range of ports of one protocol, in columns. */
export interface Lane {
  readonly protocol: Protocol;
  readonly range: (typeof RANGES)[number];
  /** Null where nothing was asked. */
  readonly columns: (Paint | null)[];
  /** The first open port of each column that has one. */
  readonly open: Map<number, OpenPort>;
}

export interface OpenPort {
  readonly port: number;
  readonly name: string;
}

/** The lanes of a host of which something was asked. */
export function lanesOf(host: HostReport, planned: PortSet): Lane[] {
  const lanes = PROTOCOLS.flatMap((protocol) => RANGES.map((range) => newLane(protocol, range)));
  for (const { protocol, port, verdict, finding } of plannedPorts(host, planned)) {
    const lane = lanes.find(({ protocol: of, range }) => of === protocol && port <= range.last);
    if (!lane) continue;
    const { first, last } = lane.range;
    const column = Math.floor(((port - first) * COLUMNS) / (last - first + 1));
    lane.columns[column] = stronger(lane.columns[column] ?? null, paintOf(verdict));
    if (finding && !lane.open.has(column)) lane.open.set(column, { port, name: finding.service.name });
  }
  return lanes.filter(({ columns }) => columns.some((paint) => paint !== null));
}

const newLane = (protocol: Protocol, range: Lane['range']): Lane => ({
  protocol,
  range,
  columns: Array<Paint | null>(COLUMNS).fill(null),
  open: new Map(),
});

const stronger = (a: Paint | null, b: Paint): Paint => (a !== null && PAINTS.indexOf(a) <= PAINTS.indexOf(b) ? a : b);
