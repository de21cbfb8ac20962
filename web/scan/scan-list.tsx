import { useSignal } from '@preact/signals';
import type { ScanLine } from '../../shared/api/resources/scan-line.ts';
import { isOver } from '../../shared/domain/scan-status.ts';
import { ApiError, api, type PageInfo } from '../data/api.ts';
import { useLoad } from '../data/load.ts';
import { Notice, TroubleNotice } from '../parts/notices.tsx';
import { Scrolled } from '../parts/scrolled.tsx';
import { clockWords, durationWords, grouped, idEnd } from '../parts/words.ts';

export function ScanList({ info }: { readonly info: PageInfo }) {
  const { value, trouble } = useLoad(
    () => api.scans(),
    ({ items }) => items.some(({ status }) => !isOver(status)),
  );
  const older = useSignal<readonly ScanLine[]>([]);
  const next = useSignal<string | null | undefined>(undefined);
  const first = value.value?.items;
  // A scan that was added has moved the last of the first page into the second, which has it already.
  const scans = first && [
    ...first,
    ...older.value.filter(({ scanId }) => !first.some((each) => each.scanId === scanId)),
  ];
  const cursor = next.value === undefined ? value.value?.cursor : next.value;
  const showOlder = async (from: string): Promise<void> => {
    try {
      const page = await api.scans(from);
      older.value = [...older.value, ...page.items];
      next.value = page.cursor;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      trouble.value = error;
    }
  };
  return (
    <>
      <div class="headline">
        <h1>Scans</h1>
        <a class="button" href="#/new">
          New scan
        </a>
      </div>
      {trouble.value && <TroubleNotice error={trouble.value} />}
      {!scans && !trouble.value && <p class="loading">Reading the scans …</p>}
      {scans?.length === 0 && <NoScans info={info} />}
      {scans && scans.length > 0 && <Lines scans={scans} />}
      {cursor && (
        <button type="button" onClick={() => void showOlder(cursor)}>
          Older scans
        </button>
      )}
    </>
  );
}

function NoScans({ info }: { readonly info: PageInfo }) {
  return (
    <Notice title="No scans yet">
      <p>Three to begin with; each opens the form, and nothing is sent before you start it.</p>
      <ul class="examples">
        {!info.endpoint && (
          <li>
            <a href="#/new?targets=127.0.0.1&ports=-">Every TCP port of this machine</a>
          </li>
        )}
        <li>
          <a href="#/new?targets=192.0.2.10&topPorts=1000&detect=services">
            The thousand likeliest ports of one host, with what answers
          </a>
        </li>
        <li>
          <a href="#/new?targets=192.0.2.0/24&ports=22,80,443,3389">Four ports of a whole network</a>
        </li>
      </ul>
    </Notice>
  );
}

function Lines({ scans }: { readonly scans: readonly ScanLine[] }) {
  return (
    <Scrolled label="Scans">
      <table>
        <thead>
          <tr>
            <th scope="col">Targets</th>
            <th scope="col">Ports</th>
            <th scope="col">State</th>
            <th scope="col" class="number">
              Open
            </th>
            <th scope="col" class="number">
              Probes
            </th>
            <th scope="col">Started</th>
            <th scope="col" class="number">
              Took
            </th>
            <th scope="col">Id</th>
          </tr>
        </thead>
        <tbody>
          {scans.map((scan) => (
            <Line key={scan.scanId} scan={scan} />
          ))}
        </tbody>
      </table>
    </Scrolled>
  );
}

function Line({ scan }: { readonly scan: ScanLine }) {
  const { scanId, targets, moreTargets, ports, status, summary, probes, submittedAt } = scan;
  const more = moreTargets > 0 ? ` and ${grouped(moreTargets)} more` : '';
  return (
    <tr>
      <th scope="row">
        <a href={`#/scan/${scanId}`}>
          {targets.join(', ')}
          {more}
        </a>
      </th>
      <td class="ports">{ports}</td>
      <td>
        <StatusBadge status={status} />
      </td>
      <td class="number">{summary ? grouped(openCount(summary.settled)) : ''}</td>
      <td class="number">{grouped(probes)}</td>
      <td>
        <time dateTime={submittedAt}>{clockWords(submittedAt)}</time>
      </td>
      <td class="number">{summary ? durationWords(summary.duration) : ''}</td>
      <td>
        <code title={scanId}>{idEnd(scanId)}</code>
      </td>
    </tr>
  );
}

/** `open|filtered` is not counted: nothing was heard from such a port. */
export const openCount = (settled: Readonly<Record<string, number | undefined>>): number =>
  Object.entries(settled).reduce((sum, [verdict, count = 0]) => (verdict.startsWith('open/') ? sum + count : sum), 0);

const STATUS_WORDS: Readonly<Record<string, string>> = {
  planned: 'waiting',
  running: 'running',
  finalizing: 'finishing',
  complete: 'complete',
  'complete-with-gaps': 'complete, with gaps',
  cancelled: 'cancelled',
  failed: 'failed',
};

export const StatusBadge = ({ status }: { readonly status: string }) => (
  <span class={`status ${status}`}>{STATUS_WORDS[status] ?? status}</span>
);
