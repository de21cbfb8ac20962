import type { PortSet } from '../../domain/port-set.ts';
import type { HostReport } from '../../domain/report.ts';
import { COLUMNS, type Lane, lanesOf, PAINTS, type Paint } from './chart-lanes.ts';
import { xmlText } from './escape-xml.ts';
import { hostHeadline } from './host-headline.ts';
import { cell } from './printable.ts';

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

/** Every port of a host, as a picture in SVG: what was asked and what it said, and the numbers of the open ones. */
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
    // An open port is drawn on top; what is around it goes on beneath.
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
