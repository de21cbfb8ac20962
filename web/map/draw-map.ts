import type { Palette } from './paint.ts';
import { type MapView, paintRows, rareOpenCells } from './paint.ts';

/** Pixels of the canvas a side: 4 for each cell of the whole, more when closer; the browser scales them smoothly. */
export const CANVAS = 1_024;

/** Pixels by which a cell that stands alone, and the cursor, reach over the cells around them. */
const MARGIN = 2;

/** What the map shows. */
export interface MapPicture {
  readonly cells: Uint8Array;
  readonly view: MapView;
  readonly palette: Palette;
  /** A port, and the colour of the frame around it. */
  readonly cursor: number;
  readonly frame: string;
}

/**
 * Draws the map on a canvas, and what has changed since on the next call: the pixels stay here, rows of cells whose states
 * are others are painted anew, and only their pixels are handed to the canvas.
 */
export function makeMapPainter(canvas: HTMLCanvasElement): (picture: MapPicture) => void {
  // Pixels are only ever put, so they are kept where putting them is a copy.
  const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
  const image = new ImageData(CANVAS, CANVAS);
  const pixels = new Uint32Array(image.data.buffer);
  const shown = new Uint8Array(65_536);
  let last: MapPicture | null = null;
  let wasSparse = false;
  return (picture) => {
    if (!context) return;
    const { cells, view } = picture;
    const size = CANVAS / view.side;
    const rare = rareOpenCells(cells, view);
    const isSparse = rare.length > 0;
    const isSame = last?.view.first === view.first && last.view.side === view.side && last.palette === picture.palette;
    const [from, end] = !isSame || isSparse !== wasSparse ? [0, view.side] : changedRows(shown, cells, view);
    if (end > from) {
      // A cell that stands alone reaches into the rows beside it.
      const rows = [Math.max(0, from - 1), Math.min(view.side, end + 1)] as const;
      paintRows(pixels, cells, view, { size, palette: picture.palette, rows });
      const colour = picture.palette.open[0];
      for (const { x, y, width } of rare) {
        if (y >= rows[0] - 1 && y <= rows[1]) fillBox(pixels, boxOf({ x, y, width }, size), colour);
      }
      context.putImageData(image, 0, 0, 0, rows[0] * size, CANVAS, (rows[1] - rows[0]) * size);
      shown.set(cells);
    }
    if (last) putBack(context, image, last);
    drawCursor(context, picture);
    [last, wasSparse] = [picture, isSparse];
  };
}

/** The first row of the view that differs, and the one after the last; the same where none does. */
function changedRows(before: Uint8Array, now: Uint8Array, { first, side }: MapView): readonly [number, number] {
  let [from, end] = [first, first + side * side];
  while (from < end && before[from] === now[from]) from++;
  if (from === end) return [0, 0];
  while (before[end - 1] === now[end - 1]) end--;
  return [Math.floor((from - first) / side), Math.ceil((end - first) / side)];
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Cells of one row, in pixels, with what they reach over the cells around them. */
function boxOf({ x, y, width }: { readonly x: number; readonly y: number; readonly width: number }, size: number): Box {
  const [left, top] = [Math.max(0, x * size - MARGIN), Math.max(0, y * size - MARGIN)];
  const right = Math.min(CANVAS, (x + width) * size + MARGIN);
  return { left, top, width: right - left, height: Math.min(CANVAS, (y + 1) * size + MARGIN) - top };
}

function fillBox(pixels: Uint32Array, { left, top, width, height }: Box, colour: number): void {
  for (let y = top; y < top + height; y++) pixels.fill(colour, y * CANVAS + left, y * CANVAS + left + width);
}

function cursorBox({ view, cursor }: MapPicture): Box | undefined {
  const at = cursor - view.first;
  if (at < 0 || at >= view.side * view.side) return undefined;
  return boxOf({ x: at % view.side, y: Math.floor(at / view.side), width: 1 }, CANVAS / view.side);
}

/** The pixels below the cursor as it was. Half of its line lies outside of its frame. */
function putBack(context: CanvasRenderingContext2D, image: ImageData, picture: MapPicture): void {
  const box = cursorBox(picture);
  if (box) context.putImageData(image, 0, 0, box.left - 1, box.top - 1, box.width + 2, box.height + 2);
}

function drawCursor(context: CanvasRenderingContext2D, picture: MapPicture): void {
  const box = cursorBox(picture);
  if (!box) return;
  context.strokeStyle = picture.frame;
  context.lineWidth = MARGIN;
  context.strokeRect(box.left, box.top, box.width, box.height);
}
