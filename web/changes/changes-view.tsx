import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ScanLine } from '../../shared/api/resources/scan-line.ts';
import { isOver } from '../../shared/domain/scan-status.ts';
import { ApiError, api } from '../data/api.ts';
import { Notice, TroubleNotice } from '../parts/notices.tsx';
import { clockWords, idEnd } from '../parts/words.ts';
import { go } from '../router.ts';
import { type DiffDocument, DiffList } from './diff-list.tsx';
import { Timeline } from './timeline.tsx';

/** Scans that can be compared: enough for a year of weekly ones. */
const PAGES = 2;

/** Two scans set side by side, and the open ports of a target over time. */
export function ChangesView({ from, to }: { readonly from: string | null; readonly to: string | null }) {
  const scans = useSignal<readonly ScanLine[] | null>(null);
  const trouble = useSignal<ApiError | null>(null);
  const diff = useSignal<DiffDocument | null>(null);
  const told = <Value,>(work: Promise<Value>, then: (value: Value) => void): void =>
    void work.then(then).catch((error: unknown) => {
      if (!(error instanceof ApiError)) throw error;
      trouble.value = error;
    });
  useEffect(() => told(readScans(), (read) => (scans.value = read)), []);
  const after = scans.value?.find(({ scanId }) => scanId === to) ?? scans.value?.[0];
  const alike = (scans.value ?? []).filter((scan) => after && targetOf(scan) === targetOf(after));
  const before = alike.find(({ scanId }) => scanId === from) ?? earlierThan(alike, after);
  useEffect(() => {
    diff.value = null;
    trouble.value = null;
    if (before && after) told(api.diff(after.scanId, before.scanId), (read) => (diff.value = read));
  }, [before?.scanId, after?.scanId]);
  if (trouble.value && !scans.value) return <TroubleNotice error={trouble.value} />;
  if (!scans.value) return <p class="loading">Reading the scans …</p>;
  if (!after) return <Nothing />;
  const choose = (earlier: string, later: string): void => go(`#/changes?from=${earlier}&to=${later}`);
  return (
    <>
      <h1>What changed</h1>
      <div class="tools">
        <ScanChoice
          label="Later scan"
          scans={scans.value}
          value={after.scanId}
          onChange={(id) => go(`#/changes?to=${id}`)}
        />
        {before && (
          <ScanChoice
            label="Earlier scan of the same targets"
            scans={alike.filter(({ scanId }) => scanId !== after.scanId)}
            value={before.scanId}
            onChange={(id) => choose(id, after.scanId)}
          />
        )}
      </div>
      {trouble.value && <TroubleNotice error={trouble.value} />}
      {!before && (
        <Notice title="Nothing to compare with">
          <p>There is no other scan of the same targets that is over. Scan them again, and what changed stands here.</p>
        </Notice>
      )}
      {before && !diff.value && !trouble.value && <p class="loading">Comparing …</p>}
      {diff.value && <DiffList diff={diff.value} />}
      <Timeline scans={alike} />
    </>
  );
}

async function readScans(): Promise<readonly ScanLine[]> {
  const read: ScanLine[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES; page++) {
    const { items, cursor: next } = await api.scans(cursor);
    read.push(...items.filter(({ status }) => isOver(status)));
    if (next === null) break;
    cursor = next;
  }
  return read;
}

/** Scans of the same words are scans of one thing over time. */
const targetOf = ({ targets, moreTargets }: ScanLine): string => `${[...targets].sort().join(' ')} +${moreTargets}`;

/** The list is sorted newest first. */
const earlierThan = (scans: readonly ScanLine[], after: ScanLine | undefined): ScanLine | undefined =>
  after && scans[scans.indexOf(after) + 1];

const Nothing = () => (
  <Notice title="No scan is over yet">
    <p>Two scans of the same targets are compared here: what opened, what closed, what is another service now.</p>
    <a class="button" href="#/new">
      New scan
    </a>
  </Notice>
);

function ScanChoice(props: {
  readonly label: string;
  readonly scans: readonly ScanLine[];
  readonly value: string;
  readonly onChange: (id: string) => void;
}) {
  const { label, scans, value, onChange } = props;
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {scans.map(({ scanId, submittedAt, targets }) => (
          <option key={scanId} value={scanId}>
            {clockWords(submittedAt)} · {targets.join(', ').slice(0, 60)} · {idEnd(scanId)}
          </option>
        ))}
      </select>
    </label>
  );
}
