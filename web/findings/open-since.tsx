import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { FindingResource } from '../../shared/api/resources/port-resource.ts';
import type { ScanLine } from '../../shared/api/resources/scan-line.ts';
import type { ScanResource } from '../../shared/api/resources/scan-resource.ts';
import { isOver } from '../../shared/domain/scan-status.ts';
import { api } from '../data/api.ts';
import { findingKey } from '../data/findings.ts';
import { probedBy } from '../data/probed-by.ts';
import { clockWords, plural } from '../parts/words.ts';

/** Earlier scans that are looked at: two requests each. */
const MOST_SCANS = 8;

interface Since {
  /** When the earliest of the scans in a row that saw it open was begun. */
  readonly since: string;
  readonly scans: number;
  /** When it was still not open; null where no scan says so. */
  readonly before: string | null;
}

/** Since when a port is open, as far as earlier scans of the same targets tell. */
export function OpenSince({ scan, finding }: { readonly scan: ScanResource; readonly finding: FindingResource }) {
  const found = useSignal<Since | null>(null);
  useEffect(() => {
    let current = true;
    void readSince(scan, finding)
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
  const { since, scans, before } = found.value;
  return (
    <p class="hint" data-since>
      Open at least since {clockWords(since)}, in {plural(scans, 'scan')}
      {before ? `; not open on ${clockWords(before)}.` : ' in a row.'}
    </p>
  );
}

const wordsOf = ({ targets }: { readonly targets: readonly string[] }): string => [...targets].sort().join(' ');

async function readSince(scan: ScanResource, finding: FindingResource): Promise<Since | null> {
  const { items } = await api.scans();
  const isEarlier = ({ scanId, status, targets, moreTargets }: ScanLine): boolean =>
    scanId < scan.scanId && isOver(status) && moreTargets === 0 && wordsOf({ targets }) === wordsOf(scan.request);
  const found = { since: scan.submittedAt, scans: 1 };
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
