import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { WatchLine } from '../../shared/api/resources/watch-resource.ts';
import { ApiError, api } from '../data/api.ts';
import { Notice, TroubleNotice } from '../parts/notices.tsx';
import { clockWords } from '../parts/words.ts';
import { WatchDetails } from './watch-details.tsx';
import { WatchForm } from './watch-form.tsx';

/** Between two looks at the watches: their runs take seconds, their schedules hours. */
const REFRESH_MS = 3_000;

/** Every watch with its state and next run; a form for a new one. */
export function WatchesView({ chosen }: { readonly chosen: string | null }) {
  const watches = useSignal<readonly WatchLine[] | null>(null);
  const trouble = useSignal<ApiError | null>(null);
  const load = async (): Promise<void> => {
    try {
      watches.value = (await api.watches()).items;
      trouble.value = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      trouble.value = error;
    }
  };
  useEffect(() => {
    void load();
    const timer = setInterval(() => document.visibilityState === 'visible' && void load(), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  if (trouble.value) return <TroubleNotice error={trouble.value} />;
  if (!watches.value) return <p class="loading">Reading the watches …</p>;
  return (
    <>
      <h1>Watches</h1>
      {watches.value.length === 0 ? <NoWatches /> : <WatchTable watches={watches.value} chosen={chosen} />}
      {chosen !== null && <WatchDetails key={chosen} name={chosen} onChange={() => void load()} />}
      <WatchForm onAdded={() => void load()} />
    </>
  );
}

const NoWatches = () => (
  <Notice title="No watches yet">
    <p>
      A watch scans on a schedule, learns what is so, and tells when that changes. What it tells is probed again before
      anybody hears of it.
    </p>
  </Notice>
);

const PHASES: Readonly<Record<WatchLine['phase'], string>> = {
  idle: 'idle',
  scanning: 'scanning',
  'between-rounds': 'confirming',
};

function WatchTable({ watches, chosen }: { readonly watches: readonly WatchLine[]; readonly chosen: string | null }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Watches">
      <table>
        <thead>
          <tr>
            <th scope="col">Watch</th>
            <th scope="col">State</th>
            <th scope="col">Last run</th>
            <th scope="col" class="number">
              Changes
            </th>
            <th scope="col">Next run</th>
          </tr>
        </thead>
        <tbody>
          {watches.map(({ watchId, name, status, phase, lastRun, nextRunAt }) => (
            <tr key={watchId}>
              <th scope="row">
                <a href={`#/watches/${encodeURIComponent(name)}`} aria-current={name === chosen ? 'true' : undefined}>
                  {name}
                </a>
              </th>
              <td>
                <span class={`status ${phase === 'idle' ? status : 'running'}`}>
                  {phase === 'idle' ? status : PHASES[phase]}
                </span>
              </td>
              <td>{lastRun ? (lastRun.failure ?? clockWords(lastRun.endedAt)) : 'not yet'}</td>
              <td class="number">{lastRun?.changes ?? ''}</td>
              <td>{nextRunAt ? clockWords(nextRunAt) : 'when it is resumed'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
