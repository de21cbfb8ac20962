import { CELL_STATES } from '../data/states.ts';
import type { Palette } from './paint.ts';

/** Reads `--cell-open`, `--ground-open` and so on from the style of an element; once a repaint, as themes change. */
export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const read = (name: string): number => pixelOf(style.getPropertyValue(name).trim());
  const entries = CELL_STATES.map((state) => {
    const name = state.replace('|', '-');
    return [state, [read(`--cell-${name}`), read(`--ground-${name}`)]] as const;
  });
  return Object.fromEntries(entries) as unknown as Palette;
}

/** "#rrggbb" as a canvas keeps a pixel on every machine there is: little-endian, alpha in the highest byte. */
function pixelOf(hex: string): number {
  const rgb = Number.parseInt(hex.slice(1), 16);
  return ((0xff << 24) | ((rgb & 0xff) << 16) | (rgb & 0xff_00) | (rgb >> 16)) >>> 0;
}
