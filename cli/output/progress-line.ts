import { type Millis, millis } from '../../shared/domain/units.ts';
import type { Clock } from '../../shared/seams/clock.ts';
import type { OutputChannel } from './output-channel.ts';

/** How far a scan is. */
export interface ProgressCounts {
  readonly settled: number;
  readonly planned: number;
  readonly open: number;
  /** How long those who do the work say that it will still take; null where they do not, and the rate has to tell. */
  readonly left: Millis | null;
}

/** A line on a terminal that says how far a scan is, and makes way for whatever else is printed. */
export interface ProgressLine {
  show(progress: ProgressCounts): void;
  /** Takes the line away, so that something else can be printed in its place. */
  clear(): void;
  /** Where the scan stands, in words: for whoever asks, also where there is no line. */
  text(): string;
}

/** Too fast to read beyond this. */
const REDRAW_EVERY = 100;

/** No rate is told from less: within it a worker has told of its chunk once or twice. */
const LEAST_TO_MEASURE = 1_000;

/** Samples kept: the rate is that of the second half of the time so far, wherever that begins. */
const MOST_SAMPLES = 256;

const CLEAR_LINE = '\r\u001b[K';

interface Sample {
  readonly at: Millis;
  readonly settled: number;
}

export function makeProgressLine(output: OutputChannel | null, clock: Pick<Clock, 'now'>): ProgressLine {
  const begun = clock.now();
  const samples: Sample[] = [];
  let latest: ProgressCounts | undefined;
  let latestAt = begun;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let drawn = false;
  const text = (width = Number.POSITIVE_INFINITY): string =>
    latest
      ? lineText(aged(latest, clock.now() - latestAt), rateOf(samples, clock.now()), width)
      : `0 %  ${clockText(millis(clock.now() - begun))}`;
  return {
    text: () => text(),
    show(progress) {
      const now = clock.now();
      latest = progress;
      latestAt = now;
      if (now - drawnAt < REDRAW_EVERY) return;
      drawnAt = now;
      takeSample(samples, { at: now, settled: progress.settled });
      if (!output?.isTerminal) return;
      output.draw(CLEAR_LINE + text(output.width() - 1));
      drawn = true;
    },
    clear() {
      if (drawn) output?.draw(CLEAR_LINE);
      drawn = false;
      drawnAt = Number.NEGATIVE_INFINITY;
    },
  };
}

/** What is left of a time that was told a while ago. */
const aged = (progress: ProgressCounts, age: number): ProgressCounts => ({
  ...progress,
  left: progress.left === null ? null : millis(Math.max(0, progress.left - age)),
});

/** When there are too many, every second one goes: the oldest and the newest stay. */
function takeSample(samples: Sample[], sample: Sample): void {
  samples.push(sample);
  if (samples.length <= MOST_SAMPLES) return;
  const kept = samples.filter((_, index) => index % 2 === 0);
  samples.splice(0, samples.length, ...kept);
}

/**
 * Settled probes a second over the second half of the time so far; undefined while that says nothing. A window that
 * grows forgets how slowly the scan began, and does not swing with every burst of timeouts. What an earlier run of a
 * resumed scan had settled is in the first sample, so it never counts as work of this one.
 */
function rateOf(samples: readonly Sample[], now: Millis): number | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || now - first.at < LEAST_TO_MEASURE) return undefined;
  const half = first.at + (now - first.at) / 2;
  const from = samples.findLast(({ at }) => at <= half) ?? first;
  const rate = ((last.settled - from.settled) / (now - from.at)) * 1_000;
  return rate > 0 ? rate : undefined;
}

/** At the rate so far; where every port has its verdict, what is left is no matter of the rate. */
const timeAt = (rate: number | undefined, pending: number): Millis | undefined =>
  rate === undefined || pending <= 0 ? undefined : millis((pending / rate) * 1_000);

const grouped = (value: number): string => Math.round(value).toLocaleString('en');

/** `45 %  0:03 left  3 open  12,000/s  29,500/65,535`: as much of it, from the left, as the width has room for. */
export function lineText(progress: ProgressCounts, rate: number | undefined, width: number): string {
  const { settled, planned, open } = progress;
  const percent = planned === 0 ? 100 : Math.min(100, Math.floor((settled / planned) * 100));
  const time = progress.left ?? timeAt(rate, planned - settled);
  const left = time === undefined ? [] : [`${clockText(time)} left`];
  const speed = rate === undefined ? [] : [`${grouped(rate)}/s`];
  const parts = [`${percent} %`, ...left, `${grouped(open)} open`, ...speed, `${grouped(settled)}/${grouped(planned)}`];
  let line = '';
  for (const part of parts) {
    const longer = line === '' ? part : `${line}  ${part}`;
    if (longer.length > width) break;
    line = longer;
  }
  return line;
}

function clockText(length: Millis): string {
  const seconds = Math.ceil(length / 1_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
