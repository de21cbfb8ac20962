import type { BenchRow, MeasuredRun } from './bench-row.ts';
import type { BenchResult } from './results.ts';

/** What a picture has room for, in the order of its rows: the ten scenarios that `--quick` runs. */
export const MAIN_SCENARIOS: readonly string[] = [
  'loopback',
  'firewalled-50-T4',
  'firewalled-50-T5',
  'silent-T5',
  'loss-5-T4',
  'loss-10-T4',
  'subnet',
  'rejecting',
  'resets-limited',
  'syns-limited',
];

/** Families of scanners, with the colour of their bars; of several ways to call one, the fastest that found most is drawn. */
const FAMILIES: readonly (readonly [name: string, begins: RegExp, colour: string])[] = [
  ['Portfleet', /^portfleet/, '#1b7837'],
  ['nmap', /^nmap/, '#762a83'],
  ['RustScan', /^RustScan/, '#b35806'],
  ['naabu', /^naabu/, '#2166ac'],
  ['masscan', /^masscan/, '#666666'],
];

/** Longer times are cut off there, and say so. */
const LONGEST_SECONDS = 60;
const [LABEL, WIDTH, BAR, GAP] = [150, 420, 11, 14];

/**
 * Time and recall side by side, as SVG: a bar a scanner, as long as its median time, and behind it the share of the open
 * ports that its worst run found. A scanner that missed some is drawn hollow: its time is that of another task.
 */
export function picture(results: readonly BenchResult[]): string {
  const groups = MAIN_SCENARIOS.flatMap((name) => results.find(({ scenario }) => scenario === name) ?? []);
  let y = 30;
  const parts = groups.map((result) => {
    const bars = FAMILIES.flatMap(([family, begins, colour]) => {
      const best = bestOf(result.rows.filter(({ scanner }) => begins.test(scanner)));
      return best ? [{ family, colour, ...best }] : [];
    });
    const drawn = bars.map((bar, nth) => barOf(bar, y + nth * BAR)).join('');
    const label = `<text x="${LABEL - 8}" y="${y + BAR}" text-anchor="end">${result.scenario}</text>`;
    y += bars.length * BAR + GAP;
    return label + drawn;
  });
  const legend = FAMILIES.map(
    ([family, , colour], nth) =>
      `<rect x="${LABEL + nth * 85}" y="8" width="9" height="9" fill="${colour}"/><text x="${LABEL + 13 + nth * 85}" y="16">${family}</text>`,
  ).join('');
  const size = `width="${LABEL + WIDTH + 190}" height="${y}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="10"><title>Time and recall of port scanners, side by side</title><rect width="100%" height="100%" fill="#fff"/>${legend}${parts.join('')}</svg>\n`;
}

interface Bar {
  readonly seconds: number;
  readonly found: number;
  readonly there: number;
  readonly stopped: boolean;
}

function bestOf(rows: readonly BenchRow[]): Bar | undefined {
  const bars = rows.flatMap(({ runs }) => (runs.length > 0 ? [barFrom(runs)] : []));
  return bars.sort((a, b) => b.found - a.found || a.seconds - b.seconds)[0];
}

function barFrom(runs: readonly MeasuredRun[]): Bar {
  const times = runs.map(({ ms }) => ms / 1_000).sort((a, b) => a - b);
  return {
    seconds: times[Math.floor(times.length / 2)] ?? 0,
    found: Math.min(...runs.map(({ openFound }) => openFound)),
    there: runs[0]?.openThere ?? 0,
    stopped: runs.some(({ stopped }) => stopped),
  };
}

function barOf({ seconds, found, there, stopped, colour }: Bar & { readonly colour: string }, y: number): string {
  const length = Math.max(1, (WIDTH * Math.min(seconds, LONGEST_SECONDS)) / LONGEST_SECONDS);
  const isWhole = found === there && !stopped;
  const fill = isWhole ? `fill="${colour}"` : `fill="#fff" stroke="${colour}"`;
  const time = `${stopped ? 'over ' : ''}${seconds.toFixed(1)} s`;
  const recall = there === 0 ? '' : `, ${found} of ${there} open`;
  return `<rect x="${LABEL}" y="${y}" width="${length.toFixed(1)}" height="${BAR - 2}" ${fill}/><text x="${(LABEL + length + 4).toFixed(1)}" y="${y + BAR - 3}" font-size="9">${time}${recall}</text>`;
}
