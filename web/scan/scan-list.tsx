import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ScanLine } from '../../shared/api/resources/scan-line.ts';
import { isOver } from '../../shared/domain/scan-status.ts';
import { ApiError, api, type PageInfo } from '../data/api.ts';
import { Notice, TroubleNotice } from '../parts/notices.tsx';
import { clockWords, durationWords, grouped, idEnd } from '../parts/words.ts';

/** While a scan of the list runs, the list is read again. */
const REFRESH_MS = 2_000;

export function ScanList({ info }: { readonly info: PageInfo }) {
  const scans = useSignal<readonly ScanLine[] | null>(null);
  const next = useSignal<string | null>(null);
  const trouble = useSignal<ApiError | null>(null);
  const load = async (cursor?: string): Promise<void> => {
    try {
      const page = await api.scans(cursor);
      scans.value = cursor ? [...(scans.value ?? []), ...page.items] : page.items;
      next.value = page.cursor;
      trouble.value = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      trouble.value = error;
    }
  };
  useEffect(() => {
    void load();
    const timer = setInterval(() => {
      const isRunning = scans.value?.some(({ status }) => !isOver(status));
      if ((isRunning || trouble.value) && document.visibilityState === 'visible') void load();
    }, REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <>
      <div class="headline">
        <h1>Scans</h1>
        <a class="button" href="#/new">
          New scan
        </a>
      </div>
      {trouble.value && <TroubleNotice error={trouble.value} />}
      {!scans.value && !trouble.value && <p class="loading">Reading the scans …</p>}
      {scans.value?.length === 0 && <NoScans info={info} />}
      {scans.value && scans.value.length > 0 && <Lines scans={scans.value} />}
      {next.value && (
        <button type="button" onClick={() => void load(next.value ?? undefined)}>
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
    <div class="scroll" tabIndex={0} role="region" aria-label="Scans">
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
    </div>
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
