import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ApiError, api, type PageInfo } from './data/api.ts';
import { waiting } from './data/patience.ts';
import { versionGap } from './data/versions.ts';
import { KeyHelp, useKeys } from './parts/keys.tsx';
import { later } from './parts/later.tsx';
import { Notice, TroubleNotice, VersionNotice } from './parts/notices.tsx';
import { cycleTheme, theme } from './parts/theme.ts';
import { go, type PagePath, place } from './router.ts';
import { NewScan } from './scan/new-scan.tsx';
import { ScanList } from './scan/scan-list.tsx';
import { ScanView } from './scan/scan-view.tsx';

const ChangesView = later(async () => (await import('./changes/changes-view.tsx')).ChangesView);
const WatchesView = later(async () => (await import('./watches/watches-view.tsx')).WatchesView);

const info = signal<PageInfo | null>(null);
const trouble = signal<ApiError | null>(null);

/** While the server does not answer, it is asked again; it may just be starting. */
const RETRY_MS = 1_000;

async function loadInfo(): Promise<void> {
  try {
    info.value = await api.info();
    trouble.value = null;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    trouble.value = error;
    if (error.kind === 'unreachable' || error.kind === 'busy') setTimeout(() => void loadInfo(), RETRY_MS);
  }
}

export function App() {
  useEffect(() => void loadInfo(), []);
  const help = useKeys({ n: () => go('#/new'), s: () => go('#/scans'), d: () => go('#/changes'), t: cycleTheme });
  const where = info.value;
  return (
    <>
      <button type="button" class="skip" onClick={skipToMain}>
        Skip to the content
      </button>
      <Header info={where} />
      <main id="main" tabIndex={-1}>
        {trouble.value && <TroubleNotice error={trouble.value} />}
        {versionGap.value && <VersionNotice gap={versionGap.value} />}
        {where && <View at={place.value} info={where} />}
      </main>
      <KeyHelp open={help} />
    </>
  );
}

/** The fragment of the address is the router's, so this is no link. */
function skipToMain(): void {
  document.getElementById('main')?.focus();
}

function Header({ info: where }: { readonly info: PageInfo | null }) {
  const { at } = place.value;
  const link = (hash: string, name: PagePath['at'], text: string) => (
    <a href={hash} aria-current={at === name ? 'page' : undefined}>
      {text}
    </a>
  );
  return (
    <header class="top">
      <a class="brand" href="#/scans">
        Portfleet
      </a>
      <nav aria-label="Main">
        {link('#/scans', 'scans', 'Scans')}
        {link('#/new', 'new', 'New scan')}
        {link('#/changes', 'changes', 'What changed')}
        {link('#/watches', 'watches', 'Watches')}
      </nav>
      <Busy />
      <span class="where">{where?.endpoint ? `fleet at ${new URL(where.endpoint).host}` : 'this machine'}</span>
      <button type="button" class="quiet" onClick={cycleTheme} aria-label={`Colours: ${theme.value}; change`}>
        {theme.value}
      </button>
    </header>
  );
}

/** While requests wait for room at the other end: nothing is wrong, it only takes longer. */
const Busy = () => (
  <span class="busy" role="status">
    {waiting.value > 0 && 'busy, trying again …'}
  </span>
);

function View({ at, info: where }: { readonly at: PagePath; readonly info: PageInfo }) {
  switch (at.at) {
    case 'scans':
      return <ScanList info={where} />;
    case 'new':
      return <NewScan key={at.preset} info={where} preset={at.preset} />;
    case 'scan':
      return <ScanView key={at.id} id={at.id} tab={at.tab} info={where} />;
    case 'changes':
      return <ChangesView from={at.from} to={at.to} />;
    case 'watches':
      return <WatchesView chosen={at.chosen} />;
    case 'nowhere':
      return (
        <Notice title="There is no such page">
          <a href="#/scans">All scans</a>
        </Notice>
      );
    default:
      return at satisfies never;
  }
}
