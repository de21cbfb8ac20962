import type { WatchLine } from '../../shared/api/resources/watch-resource.ts';
import { api } from '../data/api.ts';
import { useLoad } from '../data/load.ts';
import { Notice, TroubleNotice } from '../parts/notices.tsx';
import { Scrolled } from '../parts/scrolled.tsx';
import { clockWords } from '../parts/words.ts';
import { WatchDetails } from './watch-details.tsx';
import { WatchForm } from './watch-form.tsx';

/** Every watch with its state and next run; a form for a new one. */
export function WatchesView({ chosen }: { readonly chosen: string | null }) {
  const { value, trouble, reload } = useLoad(() => api.watches());
  const watches = value.value?.items;
  if (!watches && trouble.value) return <TroubleNotice error={trouble.value} />;
  if (!watches) return <p class="loading">Reading the watches …</p>;
  return (
    <>
      <h1>Watches</h1>
      {trouble.value && <TroubleNotice error={trouble.value} />}
      {watches.length === 0 ? <NoWatches /> : <WatchTable watches={watches} chosen={chosen} />}
      {chosen !== null && <WatchDetails key={chosen} name={chosen} onChange={() => void reload()} />}
      <WatchForm onAdded={() => void reload()} />
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
    <Scrolled label="Watches">
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
    </Scrolled>
  );
}
