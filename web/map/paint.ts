import { type CellRun, runsOfCells } from '../data/chunk-cells.ts';
import { CELL_STATES, type CellState } from '../data/states.ts';

/**
 * A part of the port space as a square of cells: row by row, `side × side` ports from `first` on. Sides are powers of
 * two, so that a zoom step cuts the square into four.
 */
export interface MapView {
  readonly first: number;
  readonly side: MapSide;
}

export const MAP_SIDES = [256, 128, 64, 32] as const;
export type MapSide = (typeof MAP_SIDES)[number];

export const WHOLE: MapView = { first: 0, side: 256 };

/** The view of that side that holds the port. */
export function viewAround(port: number, side: MapSide): MapView {
  const ports = side * side;
  return { first: Math.floor(port / ports) * ports, side };
}

/** Which pixels of a cell's tile a state draws; the others show its ground. Hue is so never the only sign. */
type Pattern = (x: number, y: number, size: number) => boolean;

const PATTERNS: Readonly<Record<CellState, Pattern>> = {
  'not-planned': () => false,
  pending: () => false,
  open: () => true,
  closed: () => true,
  filtered: (x, y) => (x + y) % 3 === 0,
  'open|filtered': (x, y) => x % 2 === 0 && y % 2 === 0,
  unprobed: (x, y, size) => x === y || x + y === size - 1,
};

/** The theme's colours as a canvas keeps them: what a state draws, and the ground below. */
export type Palette = Readonly<Record<CellState, readonly [colour: number, ground: number]>>;

/** A tile of `size × size` pixels for every state. */
function tilesOf(palette: Palette, size: number): Uint32Array[] {
  return CELL_STATES.map((state) => {
    const [colour, ground] = palette[state];
    const tile = new Uint32Array(size * size);
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) tile[y * size + x] = PATTERNS[state](x, y, size) ? colour : ground;
    }
    return tile;
  });
}

/** How cells become pixels, and which rows of the view. */
export interface Painting {
  /** Pixels of a cell a side. */
  readonly size: number;
  readonly palette: Palette;
  /** The first row, and the one after the last. */
  readonly rows: readonly [from: number, end: number];
}

/**
 * Fills rows of a square image of `side × size` pixels a side, run by run: a run of one state within a row is one tile row
 * repeated, so a host of which nearly all is closed costs little more than clearing the image.
 */
export function paintRows(
  pixels: Uint32Array,
  cells: Uint8Array,
  { first, side }: MapView,
  { size, palette, rows: [from, end] }: Painting,
): void {
  const tiles = tilesOf(palette, size);
  const grid = { stride: side * size, size };
  for (let y = from; y < end; y++) {
    const row = first + y * side;
    for (let x = 0, next = 0; x < side; x = next) {
      const code = cells[row + x];
      for (next = x + 1; next < side && cells[row + next] === code; ) next++;
      const tile = tiles[code ?? 0];
      if (tile) paintRow(pixels, { x, y, width: next - x }, tile, grid);
    }
  }
}

interface Grid {
  /** Pixels of the image a row. */
  readonly stride: number;
  readonly size: number;
}

/** Runs of fewer pixels are written one by one: in the middle of a scan there are 30,000 of them. */
const SHORT = 64;

function paintRow(pixels: Uint32Array, { x, y, width }: RowPart, tile: Uint32Array, { stride, size }: Grid): void {
  const length = width * size;
  const written = Math.min(length, SHORT - (SHORT % size) || size);
  for (let line = 0; line < size; line++) {
    const at = (y * size + line) * stride + x * size;
    const row = line * size;
    for (let column = 0, pixel = 0; pixel < written; pixel++) {
      pixels[at + pixel] = tile[row + column] ?? 0;
      column = column + 1 === size ? 0 : column + 1;
    }
    // What is there already is doubled until the run is full.
    for (let done = written; done < length; done *= 2) {
      pixels.copyWithin(at + done, at, at + Math.min(done, length - done));
    }
  }
}

/** Open cells are drawn a pixel larger on each side where they are few: one of 65,536 would be overlooked. */
const FEW_OPEN = 2_000;

/** The runs of open cells, cut into rows; none where many are open and none stands alone. */
export function rareOpenCells(cells: Uint8Array, { first, side }: MapView): readonly RowPart[] {
  const parts: RowPart[] = [];
  const open = CODE_OF.open;
  let count = 0;
  for (let at = cells.indexOf(open, first); at >= 0 && at < first + side * side; ) {
    const [place, row] = [at - first, at - ((at - first) % side)];
    let end = at + 1;
    while (end < row + side && cells[end] === open) end++;
    count += end - at;
    if (count > FEW_OPEN) return [];
    parts.push({ x: place % side, y: Math.floor(place / side), width: end - at });
    at = cells.indexOf(open, end);
  }
  return parts;
}

/** The side of a small map: each pixel stands for a square of four ports. */
export const SMALL_SIDE = 128;

/** What one pixel of a small map shows of its four ports: the first of these that is among them. */
const TELLING: readonly CellState[] = ['open', 'unprobed', 'open|filtered', 'filtered', 'pending', 'closed'];

/** A whole host in `SMALL_SIDE × SMALL_SIDE` pixels; an open port is never lost in it. */
export function paintSmall(pixels: Uint32Array, cells: Uint8Array, palette: Palette): void {
  for (let y = 0; y < SMALL_SIDE; y++) {
    for (let x = 0; x < SMALL_SIDE; x++) {
      const at = y * 512 + x * 2;
      const four = [cells[at], cells[at + 1], cells[at + 256], cells[at + 257]];
      const state = TELLING.find((each) => four.includes(CODE_OF[each])) ?? 'not-planned';
      pixels[y * SMALL_SIDE + x] = palette[state][0];
    }
  }
}

const CODE_OF = Object.fromEntries(CELL_STATES.map((state, code) => [state, code])) as Record<CellState, number>;

/** The same picture as SVG: a rectangle for each run of neighbours, cut at the ends of rows. */
export function mapSvg(
  cells: Uint8Array,
  { first, side }: MapView,
  colours: Readonly<Record<CellState, string>>,
  title: string,
): string {
  const rectangles: string[] = [];
  for (const run of runsOfCells(cells.subarray(first, first + side * side))) {
    const state = CELL_STATES[run.code] ?? 'not-planned';
    if (state === 'not-planned') continue;
    for (const { x, y, width } of rowsOf(run, side)) {
      rectangles.push(`<rect x="${x}" y="${y}" width="${width}" height="1" fill="${colours[state]}"/>`);
    }
  }
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges">`;
  return `${head}<title>${escapeXml(title)}</title>${rectangles.join('')}</svg>\n`;
}

export interface RowPart {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** A run of cells, cut where a row of the square ends. */
function* rowsOf({ first, last }: CellRun, side: number): Generator<RowPart> {
  for (let at = first; at <= last; ) {
    const end = Math.min(last, at - (at % side) + side - 1);
    yield { x: at % side, y: Math.floor(at / side), width: end - at + 1 };
    at = end + 1;
  }
}

const escapeXml = (text: string): string =>
  text.replaceAll(/[^\x20-\ud7ff\ue000-\ufffd]/g, '').replaceAll(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
