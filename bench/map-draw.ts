import { build } from 'esbuild';
import type { Browser } from 'playwright-core';

/** What the page has for drawing, as a script of its own. */
async function drawingScript(root: string): Promise<string> {
  const contents = `export * from './web/map/draw-map.ts'; export * from './web/data/states.ts';`;
  const { outputFiles } = await build({
    ...{ stdin: { contents, resolveDir: root }, bundle: true, write: false },
    ...{ format: 'iife', globalName: 'drawMap', target: 'es2022', minify: true },
  });
  return outputFiles[0]?.text ?? '';
}

declare const drawMap: {
  readonly CELL_STATES: readonly string[];
  cellCode(state: string): number;
  makeMapPainter(canvas: HTMLCanvasElement): (picture: object) => void;
};

/** Milliseconds, medians of fifty: the whole map of three hosts, and what a checkpoint of a scan in order adds. */
export type MapTimes = Readonly<Record<'closed' | 'filtered' | 'shuffled' | 'rows' | 'cursor', number>>;

/** Times the draw itself in the page, with `performance.now()` around it. */
export async function timeDraws(browser: Browser, root: string): Promise<MapTimes> {
  const page = await browser.newPage();
  try {
    await page.addScriptTag({ content: await drawingScript(root) });
    return await page.evaluate(measureDraws);
  } finally {
    await page.close();
  }
}

/** Runs in the browser. */
function measureDraws(): MapTimes {
  const canvas = document.body.appendChild(document.createElement('canvas'));
  [canvas.width, canvas.height] = [1_024, 1_024];
  const tint = (nth: number): readonly [number, number] => [0xff000000 + nth * 0x102030, 0xff000000 + nth * 0x302010];
  const palette = Object.fromEntries(drawMap.CELL_STATES.map((state, nth) => [state, tint(nth)]));
  const [open, closed, filtered, pending] = ['open', 'closed', 'filtered', 'pending'].map(drawMap.cellCode) as [
    number,
    number,
    number,
    number,
  ];
  const host = (codeOf: (port: number) => number): Uint8Array =>
    Uint8Array.from({ length: 65_536 }, (_, at) => codeOf(at));
  const withOpen = (code: number) => host((port) => (port % 6_553 === 0 ? open : code));
  const pictures = {
    closed: withOpen(closed),
    filtered: withOpen(filtered),
    // A bijection of ports, as a scan takes them: half of them have an answer.
    shuffled: host((port) => ((port * 40_503) % 65_536 < 32_768 ? closed : pending)),
  };
  const paint = drawMap.makeMapPainter(canvas);
  const whole = { first: 0, side: 256 } as const;
  const frame = '#c2185b';
  const time = (draw: () => void): number => {
    const began = performance.now();
    draw();
    return performance.now() - began;
  };
  const median = (draw: (nth: number) => void): number => {
    const all = Array.from({ length: 50 }, (_, nth) => time(() => draw(nth)));
    return all.sort((a, b) => a - b)[25] ?? 0;
  };
  // A view of another side in between: otherwise nothing is left to draw.
  const anew = (cells: Uint8Array): number =>
    median((nth) => paint({ cells, view: nth % 2 === 0 ? whole : { first: 0, side: 128 }, palette, cursor: 0, frame }));
  const times = { closed: anew(pictures.closed), filtered: anew(pictures.filtered), shuffled: anew(pictures.shuffled) };
  const growing = host(() => pending);
  paint({ cells: growing, view: whole, palette, cursor: 0, frame });
  const rows = median((nth) => {
    growing.fill(closed, nth * 1_024, (nth + 1) * 1_024);
    paint({ cells: growing, view: whole, palette, cursor: 0, frame });
  });
  return {
    ...times,
    rows,
    cursor: median((nth) => paint({ cells: growing, view: whole, palette, cursor: nth, frame })),
  };
}
