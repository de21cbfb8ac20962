import { useComputed } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { ScanResource } from '../../shared/api/resources/scan-resource.ts';
import { isOver } from '../../shared/domain/scan-status.ts';
import { ApiError, api, type PageInfo } from '../data/api.ts';
import { followScan, type LiveScan } from '../data/live-scan.ts';
import { FindingsView } from '../findings/findings-view.tsx';
import { HostsView } from '../map/hosts-view.tsx';
import { MapView } from '../map/map-view.tsx';
import { useKeys } from '../parts/keys.tsx';
import { TroubleNotice } from '../parts/notices.tsx';
import { durationWords, grouped, plural } from '../parts/words.ts';
import { go, SCAN_TABS, type ScanTab } from '../router.ts';
import { AboutScan, Gaps } from './about-scan.tsx';
import { ProgressBar } from './progress.tsx';
import { StatusBadge } from './scan-list.tsx';

const TAB_WORDS: Readonly<Record<ScanTab, string>> = {
  findings: 'Open ports',
  map: 'Port map',
  hosts: 'Hosts',
  about: 'About the scan',
};

/** One scan, running or over. */
export function ScanView({ id, tab, info }: { readonly id: string; readonly tab: ScanTab; readonly info: PageInfo }) {
  const live = useMemo(() => followScan(id, info.live), [id]);
  useEffect(() => () => live.close(), [live]);
  const open = (index: number) => () => go(`#/scan/${id}/${SCAN_TABS[index] ?? 'findings'}`);
  useKeys({ '1': open(0), '2': open(1), '3': open(2), '4': open(3) });
  const scan = live.scan.value;
  return (
    <>
      {live.trouble.value && <TroubleNotice error={live.trouble.value} />}
      {!scan && !live.trouble.value && <p class="loading">Reading the scan …</p>}
      {scan && (
        <>
          <Headline scan={scan} live={live} info={info} />
          {live.refused.value && <TroubleNotice error={live.refused.value} />}
          <ProgressBar live={live} />
          <Gaps scan={scan} />
          <TooLarge live={live} />
          <Tabs id={id} tab={tab} />
          <section id="tab-panel" role="tabpanel" aria-labelledby={`tab-${tab}`}>
            <Panel tab={tab} live={live} scan={scan} info={info} />
          </section>
        </>
      )}
    </>
  );
}

interface PanelProps extends HeadlineProps {
  readonly tab: ScanTab;
}

function Panel({ tab, live, scan, info }: PanelProps) {
  switch (tab) {
    case 'findings':
      return <FindingsView live={live} scan={scan} />;
    case 'map':
      return <MapView live={live} scan={scan} />;
    case 'hosts':
      return <HostsView live={live} scan={scan} />;
    case 'about':
      return <AboutScan scan={scan} info={info} />;
    default:
      return tab satisfies never;
  }
}

function Tabs({ id, tab }: { readonly id: string; readonly tab: ScanTab }) {
  const move = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const next = SCAN_TABS[(SCAN_TABS.indexOf(tab) + step + SCAN_TABS.length) % SCAN_TABS.length] ?? 'findings';
    go(`#/scan/${id}/${next}`);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Views of the scan" onKeyDown={move}>
      {SCAN_TABS.map((each) => (
        <a
          key={each}
          id={`tab-${each}`}
          role="tab"
          href={`#/scan/${id}/${each}`}
          aria-selected={each === tab}
          aria-controls="tab-panel"
          tabIndex={each === tab ? 0 : -1}
        >
          {TAB_WORDS[each]}
        </a>
      ))}
    </div>
  );
}

interface HeadlineProps {
  readonly scan: ScanResource;
  readonly live: LiveScan;
  readonly info: PageInfo;
}

function Headline({ scan, live, info }: HeadlineProps) {
  const open = useComputed(() => {
    live.revision.value;
    return live.findings().filter(({ state }) => state === 'open').length;
  });
  const act = (action: 'cancel' | 'resume') => async (): Promise<void> => {
    try {
      await api[action](scan.scanId);
      if (action === 'resume') live.restart();
      else live.refresh();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      live.refused.value = error;
    }
  };
  const targets = scan.request.targets;
  return (
    <div class="headline">
      <div>
        <h1>
          {targets.slice(0, 3).join(', ')}
          {targets.length > 3 && ` and ${grouped(targets.length - 3)} more`}
        </h1>
        <p class="sub" aria-live="polite">
          <StatusBadge status={scan.status} /> <strong data-count="open">{plural(open.value, 'open port')}</strong> on{' '}
          {plural(scan.plan.geometry.addressCount, 'address', 'addresses')}
          {scan.summary && isOver(scan.status) && `, in ${durationWords(scan.summary.duration)}`}
        </p>
      </div>
      <div class="actions">
        {canResume(scan, info) && (
          <button type="button" onClick={() => void act('resume')()}>
            Resume
          </button>
        )}
        {!isOver(scan.status) && (
          <button type="button" class="danger" onClick={() => void act('cancel')()}>
            Cancel
          </button>
        )}
        <a class="button quiet" href={`#/new?${againQuery(scan)}`}>
          Scan again
        </a>
        <a class="button quiet" href={`#/changes?to=${scan.scanId}`}>
          What changed
        </a>
      </div>
    </div>
  );
}

/**
 * A scan of this machine that nobody works on was interrupted; over a fleet that ends by itself. Of a scan that ended with
 * gaps, those of chunks that failed are worth another try, and so is the end of one that could not be summed up.
 */
function canResume({ status, summary, workers, failure }: ScanResource, { endpoint }: PageInfo): boolean {
  if (status === 'running') return endpoint === null && workers === null;
  if (status === 'failed') return failure !== null;
  return status === 'complete-with-gaps' && (summary?.unprobed['unprobed/chunk-failed'] ?? 0) > 0;
}

/** The form filled in as it was for this scan. */
function againQuery({ request }: ScanResource): string {
  const words = new URLSearchParams({ targets: request.targets.join(' ') });
  if (request.exclude.length > 0) words.set('exclude', request.exclude.join(' '));
  if (request.ports) words.set('ports', request.ports);
  return words.toString();
}

function TooLarge({ live }: { readonly live: LiveScan }) {
  live.revision.value;
  const left = live.chunksLeftOut();
  if (left <= 0) return null;
  return (
    <p class="notice warn">
      This scan is too large to draw whole: {grouped(left)} of its chunks are left out here. The written report has all
      of them.
    </p>
  );
}
