import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { isOver } from '../../shared/domain/scan-status.ts';
import { millis } from '../../shared/domain/units.ts';
import { makeToldTimeLeft } from '../../shared/plan/scan-time-left.ts';
import type { LiveScan } from '../data/live-scan.ts';
import { durationWords, grouped } from '../parts/words.ts';

/** A look at how far the scan was, for the rate between two of them. */
interface Look {
  readonly at: number;
  readonly done: number;
}

/** The rate is that of the last ten seconds: long enough to be calm, short enough to follow a pause. */
const WINDOW_MS = 10_000;

export function ProgressBar({ live }: { readonly live: LiveScan }) {
  const looks = useSignal<readonly Look[]>([]);
  const told = useMemo(() => makeToldTimeLeft({ now: () => millis(performance.now()) }), [live.id]);
  const scan = live.scan.value;
  const done = scan?.done ?? 0;
  useEffect(() => {
    const now = Date.now();
    looks.value = [...looks.value.filter(({ at }) => now - at < WINDOW_MS), { at: now, done }];
  }, [live.revision.value]);
  if (!scan || isOver(scan.status)) return null;
  const { probes, summary } = scan;
  const [first, last] = [looks.value[0], looks.value.at(-1)];
  const elapsed = first && last ? last.at - first.at : 0;
  const rate = first && last && elapsed > 0 ? ((last.done - first.done) / elapsed) * 1_000 : 0;
  const left = told(scan.timeLeft) ?? (rate > 0 ? ((probes - done) / rate) * 1_000 : null);
  const tally = summary?.tally;
  return (
    <div class="progress">
      <progress max={probes} value={done} aria-label="Probes with a verdict" />
      <dl class="gauges">
        <Gauge name="done" value={`${grouped(done)} of ${grouped(probes)}`} />
        <Gauge name="rate" value={rate > 0 ? `${grouped(Math.round(rate))} a second` : '–'} />
        <Gauge name="workers" value={scan.workers == null ? '–' : grouped(scan.workers)} />
        <Gauge name="left" value={left === null ? '–' : durationWords(left)} />
        <Gauge name="round trip" value={tally?.smoothedRtt == null ? '–' : `${tally.smoothedRtt.toFixed(1)} ms`} />
        <Gauge name="lost" value={tally ? lossWords(tally.answered, tally.answeredRetries) : '–'} />
      </dl>
    </div>
  );
}

/** Of the ports that answered, those that did so only after a retry: what the network loses. */
const lossWords = (answered: number, retried: number): string =>
  answered === 0 ? '–' : `${((retried / answered) * 100).toFixed(1)} %`;

const Gauge = ({ name, value }: { readonly name: string; readonly value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);
