import { useEffect, useMemo, useRef } from 'preact/hooks';
import { type Keys, onOwnKey } from '../parts/keys.tsx';
import { colours } from '../parts/theme.ts';
import { type MapView, paintCells, rareOpenCells } from './paint.ts';
import { readPalette } from './palette.ts';

/** Pixels of the canvas a side: 4 for each cell of the whole, more when closer; the browser scales them smoothly. */
const CANVAS = 1_024;

interface CanvasProps {
  readonly cells: Uint8Array;
  readonly view: MapView;
  readonly cursor: number;
  readonly label: string;
  readonly onCursor: (port: number) => void;
  readonly onZoom: (step: 1 | -1) => void;
  readonly onOpen: () => void;
}

/** The square of cells, with a cursor that mouse, touch and arrow keys move. */
export function PortCanvas({ cells, view, cursor, label, onCursor, onZoom, onOpen }: CanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { first, side } = view;
  // The cells are drawn when they change; the cursor moves over that picture.
  const picture = useMemo(() => drawCells(cells, view), [cells, view, colours.value]);
  useEffect(() => {
    if (canvas.current) draw(canvas.current, picture, view, cursor);
  }, [picture, view, cursor]);
  const portAt = (event: PointerEvent): number => {
    const box = event.currentTarget as HTMLCanvasElement;
    const place = (offset: number, length: number): number =>
      Math.max(0, Math.min(side - 1, Math.floor((offset / length) * side)));
    return first + place(event.offsetY, box.clientHeight) * side + place(event.offsetX, box.clientWidth);
  };
  const move = (step: number): void => onCursor(Math.max(0, Math.min(65_535, cursor + step)));
  const keys: Keys = {
    ArrowRight: () => move(1),
    ArrowLeft: () => move(-1),
    ArrowDown: () => move(side),
    ArrowUp: () => move(-side),
    Home: () => onCursor(0),
    End: () => onCursor(65_535),
    '+': () => onZoom(1),
    '=': () => onZoom(1),
    '-': () => onZoom(-1),
    Enter: onOpen,
  };
  return (
    <canvas
      ref={canvas}
      class="port-map"
      width={CANVAS}
      height={CANVAS}
      tabIndex={0}
      role="application"
      aria-label={`${label}; arrow keys go from port to port, plus and minus zoom, Enter opens`}
      onPointerMove={(event) => event.pointerType === 'mouse' && onCursor(portAt(event))}
      onPointerDown={(event) => onCursor(portAt(event))}
      onDblClick={() => onZoom(1)}
      onClick={onOpen}
      onKeyDown={onOwnKey(keys)}
    />
  );
}

function drawCells(cells: Uint8Array, view: MapView): HTMLCanvasElement {
  const picture = document.createElement('canvas');
  picture.width = CANVAS;
  picture.height = CANVAS;
  const context = picture.getContext('2d', { alpha: false });
  if (!context) return picture;
  const root = document.documentElement;
  const size = CANVAS / view.side;
  const image = context.createImageData(CANVAS, CANVAS);
  paintCells(new Uint32Array(image.data.buffer), cells, view, size, readPalette(root));
  context.putImageData(image, 0, 0);
  context.fillStyle = getComputedStyle(root).getPropertyValue('--cell-open');
  for (const { x, y, width } of rareOpenCells(cells, view)) {
    context.fillRect(x * size - 2, y * size - 2, width * size + 4, size + 4);
  }
  return picture;
}

function draw(canvas: HTMLCanvasElement, picture: HTMLCanvasElement, view: MapView, cursor: number): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  context.drawImage(picture, 0, 0);
  const size = CANVAS / view.side;
  const at = cursor - view.first;
  if (at < 0 || at >= view.side * view.side) return;
  context.strokeStyle = getComputedStyle(canvas).getPropertyValue('--cursor');
  context.lineWidth = 2;
  context.strokeRect((at % view.side) * size - 2, Math.floor(at / view.side) * size - 2, size + 4, size + 4);
}
