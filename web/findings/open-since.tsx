import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { FindingResource } from '../../shared/api/resources/port-resource.ts';
import type { ScanLine } from '../../shared/api/resources/scan-line.ts';
import type { ScanResource } from '../../shared/api/resources/scan-resource.ts';
import { isOver } from '../../shared/domain/scan-status.ts';
import { api } from '../data/api.ts';
import { findingKey } from '../data/findings.ts';
import { probedBy } from '../data/probed-by.ts';
import { bannerText, clockWords, plural } from '../parts/words.ts';

/** Earlier scans that are looked at: two requests each. */
const MOST_SCANS = 8;

/** What a watch saw, or earlier scans of the same targets. */
type Since = WatchedSince | ScannedSince;

interface WatchedSince {
  readonly watch: string;
  readonly since: string;
  readonly before: string | null;
}

interface ScannedSince {
  readonly watch: null;
  /** When the earliest of the scans in a row that saw it open was begun. */
  readonly since: string;
  readonly scans: number;
  /** When it was still not open; null where no scan says so. */
  readonly before: string | null;
}

interface OpenPort {
  readonly scan: ScanResource;
  readonly finding: FindingResource;
  readonly names: readonly string[];
}

/** Since when a port is open: a watch knows it best, and otherwise earlier scans of the same targets tell. */
export function OpenSince({ scan, finding, names }: OpenPort) {
  const found = useSignal<Since | null>(null);
  useEffect(() => {
    let current = true;
    void readSince({ scan, finding, names })
      // Whatever is amiss is told by the view below; here a line is left out.
      .catch(() => null)
      .then((read) => {
        if (current) found.value = read;
      });
    return () => {
      current = false;
    };
  }, []);
  if (!found.value) return null;
  return (
    <p class="hint" data-since>
      {wordsOfSince(found.value)}
    </p>
  );
}

function wordsOfSince(found: Since): string {
  const { since, before } = found;
  if (found.watch !== null) {
    const earlier = before === null ? 'Open since before' : `Not open on ${clockWords(before)}, open since`;
    return `${earlier} ${clockWords(since)}, as the watch ${bannerText(found.watch)} saw it.`;
  }
  if (found.scans === 1 && before === null) return 'No earlier scan that is kept has probed it.';
  const end = before === null ? ' in a row.' : `; not open on ${clockWords(before)}.`;
  return `Open at least since ${clockWords(since)}, in ${plural(found.scans, 'scan')}${end}`;
}

const readSince = async (port: OpenPort): Promise<Since | null> =>
  (await watchedSince(port).catch(() => null)) ?? scannedSince(port);

/** A watch knows a host by the name that it was given, or else by its address. */
async function watchedSince({ finding, names }: OpenPort): Promise<WatchedSince | null> {
  const { address, protocol, port } = finding;
  const seenAt = Date.parse(finding.seenAt);
  for (const host of [address, ...names]) {
    for (const { watch, open, ...of } of (await api.history(host, port)).items) {
      // It opened after it was last seen otherwise; a watch sees it when its scan is over.
      const span = open.find(
        ({ after, to }) => (after === null || Date.parse(after) < seenAt) && (to === null || seenAt <= Date.parse(to)),
      );
      if (span && of.protocol === protocol) return { watch, since: span.from, before: span.after };
    }
  }
  return null;
}

const wordsOf = ({ targets }: { readonly targets: readonly string[] }): string => [...targets].sort().join(' ');

async function scannedSince({ scan, finding }: OpenPort): Promise<ScannedSince> {
  const { items } = await api.scans();
  const isEarlier = ({ scanId, status, targets, moreTargets }: ScanLine): boolean =>
    scanId < scan.scanId && isOver(status) && moreTargets === 0 && wordsOf({ targets }) === wordsOf(scan.request);
  const found = { watch: null, since: scan.submittedAt, scans: 1 };
  const wanted = findingKey(finding);
  for (const { scanId, submittedAt } of items.filter(isEarlier).slice(0, MOST_SCANS)) {
    const open = (await api.openPorts(scanId)).items;
    if (open.some((each) => findingKey(each) === wanted)) {
      found.since = submittedAt;
      found.scans += 1;
    } else if (probedBy(await api.scan(scanId))(finding.address, finding.protocol, finding.port)) {
      return { ...found, before: submittedAt };
    }
  }
  return { ...found, before: null };
}
