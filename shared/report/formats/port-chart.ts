import { plannedPorts } from '../../domain/planned-ports.ts';
import type { PortSet } from '../../domain/port-set.ts';
import { PROTOCOLS, type Protocol } from '../../domain/probe.ts';
import type { HostReport } from '../../domain/report.ts';
import { HIGHEST_PORT } from '../../domain/units.ts';
import { isSettled, stateAndReason, type Verdict } from '../../domain/verdict.ts';
import { hostHeadline } from './host-words.ts';
import { cell, xmlText } from './printable.ts';

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
  if (state === 'open|filtered') return 'maybe';
  return state === 'closed|filtered' ? 'filtered' : state;
}

/** A column a port in the system range. However many ports there are, a lane never becomes wider. */
export const COLUMNS = 1024;

/** A range of ports of one protocol, in columns. */
export interface Lane {
  readonly protocol: Protocol;
  readonly range: (typeof RANGES)[number];
  /** Null where nothing was planned. */
  readonly columns: (Paint | null)[];
  /** The first open port of each column that has one. */
  readonly open: Map<number, OpenPort>;
}

export interface OpenPort {
  readonly port: number;
  readonly name: string;
}

/** The lanes in which the host has a planned port. */
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

/** Heights within a lane: the words above, the bar, the numbers of open ports below. */
const LABEL = 15;
const BAR = 20;
const NUMBERS = 24;
const LANE = LABEL + BAR + NUMBERS;

/** A number of five digits at 11 pixels, and air. */
const NUMBER_WIDTH = 36;

/** What a pointer that rests on a mark gets to read. */
const LONGEST_NAME = 32;

/** A column alone is too thin to see. */
const MARK_WIDTH = 3;

/** Every port of a host, as a picture in SVG: what was planned, what came back, and the numbers of the open ones. */
export function portChart(host: HostReport, planned: PortSet): string {
  const lanes = lanesOf(host, planned);
  const title = xmlText(`The ports of ${hostHeadline(host)}`);
  const drawn = lanes.map((lane, index) => `<g transform="translate(0 ${index * LANE})">${drawLane(lane)}</g>\n`);
  const size = `viewBox="0 0 ${COLUMNS} ${lanes.length * LANE}"`;
  return `<svg class="chart" ${size} role="img"><title>${title}</title>\n${drawn.join('')}</svg>\n`;
}

function drawLane(lane: Lane): string {
  const { first, last, name } = lane.range;
  const label = `<text x="0" y="${LABEL - 4}">${lane.protocol.toUpperCase()} ${name}, ${first} to ${last}</text>`;
  const ground = `<rect class="empty" x="0" y="${LABEL}" width="${COLUMNS}" height="${BAR}"/>`;
  const fields = PAINTS.filter((paint) => paint !== 'open').map((paint) => drawFields(lane, paint));
  return `${label}${ground}${fields.join('')}${drawOpen(lane)}`;
}

/** All columns of one paint as one path. */
function drawFields({ columns }: Lane, paint: Paint): string {
  const pieces: string[] = [];
  for (let start = columns.indexOf(paint); start >= 0; start = columns.indexOf(paint, start)) {
    let end = start;
    // An open port is drawn on top of the field that surrounds it.
    while (columns[end] === paint || (columns[end] === 'open' && columns[end + 1] === paint)) end++;
    pieces.push(`M${start} ${LABEL}h${end - start}v${BAR}h${start - end}z`);
    start = end;
  }
  return pieces.length === 0 ? '' : `<path class="${paint}" d="${pieces.join('')}"/>`;
}

/** A mark for each column with an open port, and its number where there is room. */
function drawOpen({ open }: Lane): string {
  let free = 0;
  return [...open]
    .map(([column, { port, name }]) => {
      const x = Math.max(0, Math.min(COLUMNS - MARK_WIDTH, column - 1));
      const mark = `<rect class="open" x="${x}" y="${LABEL - 2}" width="${MARK_WIDTH}" height="${BAR + 4}"/>`;
      const at = Math.min(COLUMNS - NUMBER_WIDTH, column);
      const fits = at >= free;
      if (fits) free = at + NUMBER_WIDTH;
      const number = fits ? `<text class="number" x="${at}" y="${LABEL + BAR + 14}">${port}</text>` : '';
      return `<g><title>${port} ${xmlText(cell(name, LONGEST_NAME))}</title>${mark}${number}</g>`;
    })
    .join('');
}
