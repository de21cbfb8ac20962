import { portOf, protocolOf } from '../data/chunk-cells.ts';
import { CELL_STATES, cellState } from '../data/states.ts';
import type { HostMatrix } from './host-matrix.ts';

/** Pixels of a row and of a column; 12-pixel text fits. */
export const ROW = 20;
export const COLUMN = 14;
export const NAMES = 190;
export const HEAD = 56;

type Context = CanvasRenderingContext2D;

/** Draws the part of a matrix that is in sight, in the colours of one theme. */
export interface MatrixPainter {
  paint(canvas: HTMLCanvasElement, box: HTMLElement, cursor: readonly [row: number, column: number]): void;
}

interface Palette {
  readonly surface: string;
  readonly text: string;
  readonly cursor: string;
  readonly cells: readonly string[];
}

/** What is in sight, in pixels of the whole. */
interface Sight {
  readonly width: number;
  readonly height: number;
  readonly top: number;
  readonly left: number;
}

/**
 * A frame of scrolling has 16 ms, in which the browser also has to put it on the screen. So nothing is looked up while one
 * scrolls but where: styles are read once, and the heads of the columns are a picture until one scrolls sideways.
 */
export function makeMatrixPainter(matrix: HostMatrix): MatrixPainter {
  let palette: Palette | undefined;
  let heads: { readonly picture: HTMLCanvasElement; readonly of: string } | undefined;
  return {
    paint(canvas, box, cursor) {
      palette ??= readPalette(box);
      const { clientWidth: width, clientHeight: height, scrollTop: top, scrollLeft: left } = box;
      const sight = { width, height, top, left };
      const context = fitted(canvas, width, height);
      if (!context) return;
      context.fillStyle = palette.surface;
      context.fillRect(0, 0, width, height);
      drawNames(context, matrix, sight, palette);
      // What is too long of a name is covered here, which is quicker than having it measured.
      context.fillStyle = palette.surface;
      context.fillRect(NAMES, 0, width - NAMES, height);
      drawCells(context, matrix, sight, palette);
      drawCursor(context, cursor, sight, palette);
      const of = `${left} ${width} ${devicePixelRatio}`;
      if (heads?.of !== of) heads = { picture: drawHeads(matrix, sight, palette), of };
      context.drawImage(heads.picture, 0, 0, width, HEAD);
    },
  };
}

function readPalette(box: HTMLElement): Palette {
  const style = getComputedStyle(box);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  return {
    surface: colour('--surface'),
    text: colour('--text'),
    cursor: colour('--cursor'),
    cells: CELL_STATES.map((state) => colour(`--cell-${state.replace('|', '-')}`)),
  };
}

/** The canvas in the size of the sight, in the pixels of the screen. It is opaque: what lies below is not mixed in. */
function fitted(canvas: HTMLCanvasElement, width: number, height: number): Context | null {
  const scale = devicePixelRatio;
  if (canvas.width !== Math.floor(width * scale) || canvas.height !== Math.floor(height * scale)) {
    canvas.width = width * scale;
    canvas.height = height * scale;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) return null;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.font = '12px system-ui, sans-serif';
  context.textBaseline = 'middle';
  return context;
}

/** The places in sight of a list whose items are `size` pixels long. */
const range = (from: number, length: number, size: number, count: number) => ({
  first: Math.floor(from / size),
  last: Math.min(count - 1, Math.floor((from + length) / size)),
});

function drawNames(context: Context, { rows }: HostMatrix, { height, top }: Sight, { text }: Palette): void {
  context.fillStyle = text;
  const { first, last } = range(top, height - HEAD, ROW, rows.length);
  for (let row = first; row <= last; row++) {
    const host = rows[row];
    if (host) context.fillText(clipped(host.names[0] ?? host.address), 4, HEAD + row * ROW - top + ROW / 2);
  }
}

/** A long name would be squeezed; its beginning says enough. */
const clipped = (name: string): string => (name.length > 28 ? `${name.slice(0, 27)}…` : name);

/** Cells of one state are drawn together: changing the colour costs more than a small rectangle. */
function drawCells(context: Context, { rows, ports }: HostMatrix, sight: Sight, { cells }: Palette): void {
  const down = range(sight.top, sight.height - HEAD, ROW, rows.length);
  const across = range(sight.left, sight.width - NAMES, COLUMN, ports.length);
  for (const [code, colour] of cells.entries()) {
    const shape = SHAPES[cellState(code)];
    if (!shape) continue;
    const [x, y, width, height] = shape;
    context.fillStyle = colour;
    for (let row = down.first; row <= down.last; row++) {
      const codes = rows[row]?.codes;
      const line = HEAD + row * ROW - sight.top + y;
      for (let column = across.first; column <= across.last; column++) {
        if (codes?.[column] !== code) continue;
        context.fillRect(NAMES + column * COLUMN - sight.left + x, line, width, height);
      }
    }
  }
}

type Shape = readonly [x: number, y: number, width: number, height: number];

const BAR: Shape = [3, 9, COLUMN - 6, 2];
const DOT: Shape = [6, 9, 2, 2];

/** Open is a full cell, closed a small square, filtered a bar, everything else a dot: readable without hue. */
const SHAPES: Readonly<Record<(typeof CELL_STATES)[number], Shape | null>> = {
  'not-planned': null,
  pending: DOT,
  open: [1, 2, COLUMN - 2, ROW - 4],
  closed: [5, 8, COLUMN - 10, ROW - 16],
  filtered: BAR,
  'open|filtered': BAR,
  unprobed: DOT,
};

function drawCursor(
  context: Context,
  [row, column]: readonly [row: number, column: number],
  { top, left }: Sight,
  { cursor }: Palette,
): void {
  context.strokeStyle = cursor;
  context.lineWidth = 2;
  context.strokeRect(NAMES + column * COLUMN - left, HEAD + row * ROW - top + 1, COLUMN, ROW - 2);
}

/** Port numbers stand upright, as columns are narrower than they are long. */
function drawHeads({ ports }: HostMatrix, { width, left }: Sight, { surface, text }: Palette): HTMLCanvasElement {
  const picture = document.createElement('canvas');
  const context = fitted(picture, width, HEAD);
  if (!context) return picture;
  context.fillStyle = surface;
  context.fillRect(0, 0, width, HEAD);
  context.fillStyle = text;
  const { first, last } = range(left, width - NAMES, COLUMN, ports.length);
  for (let column = first; column <= last; column++) {
    const key = ports[column] ?? 0;
    context.save();
    context.translate(NAMES + column * COLUMN - left + COLUMN / 2, HEAD - 4);
    context.rotate(-Math.PI / 2);
    context.fillText(`${portOf(key)}${protocolOf(key) === 'udp' ? 'u' : ''}`, 0, 0);
    context.restore();
  }
  context.fillStyle = surface;
  context.fillRect(0, 0, NAMES, HEAD);
  return picture;
}
