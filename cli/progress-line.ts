import { type Millis, millis } from '../shared/domain/units.ts';
import type { Clock } from '../shared/seams/clock.ts';
import type { Output } from './context.ts';

/** What the line tells. */
export interface ProgressCounts {
  readonly settled: number;
  readonly planned: number;
  readonly open: number;
}

/** A line on a terminal that says how far a scan is, and makes way for whatever else is printed. */
export interface ProgressLine {
  show(progress: ProgressCounts): void;
  /** Takes the line away, so that something else can be printed in its place. */
  clear(): void;
}

/** Faster than this nobody reads. */
const REDRAW_EVERY = 100;

/** The rate shown is that of the last so many seconds, so that it follows a scan that slows down. */
const RATE_OVER = 3_000;

const CLEAR_LINE = '\r\u001b[K';

const NO_LINE: ProgressLine = { show: () => {}, clear: () => {} };

/** On anything but a terminal there is no line at all. */
export function makeProgressLine(output: Output, clock: Pick<Clock, 'now'>): ProgressLine {
  if (!output.isTTY) return NO_LINE;
  const seen: { at: Millis; settled: number }[] = [];
  let drawnAt = Number.NEGATIVE_INFINITY;
  let drawn = false;
  return {
    show(progress) {
      const now = clock.now();
      if (now - drawnAt < REDRAW_EVERY) return;
      drawnAt = now;
      seen.push({ at: now, settled: progress.settled });
      while (seen.length > 2 && now - (seen[0]?.at ?? now) > RATE_OVER) seen.shift();
      output.write(CLEAR_LINE + lineText(progress, rateOf(seen)).slice(0, (output.columns ?? 80) - 1));
      drawn = true;
    },
    clear() {
      if (drawn) output.write(CLEAR_LINE);
      drawn = false;
      drawnAt = Number.NEGATIVE_INFINITY;
    },
  };
}

function rateOf(seen: readonly { at: Millis; settled: number }[]): number {
  const [first, last] = [seen[0], seen.at(-1)];
  if (!first || !last || last.at === first.at) return 0;
  return ((last.settled - first.settled) / (last.at - first.at)) * 1_000;
}

const grouped = (value: number): string => Math.round(value).toLocaleString('en');

/** `45 %  29,500/65,535  12,000/s  3 open  0:03 left` */
export function lineText({ settled, planned, open }: ProgressCounts, rate: number): string {
  const percent = planned === 0 ? 100 : Math.floor((settled / planned) * 100);
  const parts = [
    `${percent} %`,
    `${grouped(settled)}/${grouped(planned)}`,
    `${grouped(rate)}/s`,
    `${grouped(open)} open`,
  ];
  if (rate > 0) parts.push(`${leftText(millis(((planned - settled) / rate) * 1_000))} left`);
  return parts.join('  ');
}

function leftText(left: Millis): string {
  const seconds = Math.ceil(left / 1_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
