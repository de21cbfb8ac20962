import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { type Keys, onOwnKey } from '../parts/keys.tsx';
import { colours } from '../parts/theme.ts';
import { CANVAS, makeMapPainter } from './draw-map.ts';
import type { MapView } from './paint.ts';
import { readPalette } from './palette.ts';

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
  const painter = useRef<ReturnType<typeof makeMapPainter> | null>(null);
  const theme = useMemo(readTheme, [colours.value]);
  useLayoutEffect(() => {
    if (!canvas.current) return;
    painter.current ??= makeMapPainter(canvas.current);
    painter.current({ ...theme, cells, view, cursor });
  }, [cells, view, theme, cursor]);
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

/** The colours of the page as it is now. */
function readTheme() {
  const root = document.documentElement;
  return { palette: readPalette(root), frame: getComputedStyle(root).getPropertyValue('--cursor') };
}
