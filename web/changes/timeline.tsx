import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ScanLine } from '../../shared/api/resources/scan-line.ts';
import { api } from '../data/api.ts';
import { compareAddresses } from '../data/findings.ts';
import { clockWords, grouped } from '../parts/words.ts';

/** Scans that a timeline goes back: a column each. */
const COLUMNS = 16;

/** Rows shown at most; those that changed come first. */
const ROWS = 200;

interface Row {
  readonly host: string;
  readonly port: string;
  readonly number: number;
  /** Whether it was open, scan by scan. */
  readonly open: readonly boolean[];
  readonly changed: boolean;
}

/** When each port of a target was open, over its latest scans, oldest on the left. */
export function Timeline({ scans }: { readonly scans: readonly ScanLine[] }) {
  const rows = useSignal<readonly Row[] | null>(null);
  const shown = [...scans].slice(0, COLUMNS).reverse();
  const key = shown.map(({ scanId }) => scanId).join();
  useEffect(() => {
    let current = true;
    rows.value = null;
    if (shown.length > 1)
      void readRows(shown)
        .catch(() => [])
        .then((read) => {
          if (current) rows.value = read;
        });
    return () => {
      current = false;
    };
  }, [key]);
  if (shown.length < 2 || !rows.value || rows.value.length === 0) return null;
  return (
    <section>
      <h2>Open ports over time</h2>
      <div class="scroll" tabIndex={0} role="region" aria-label="Open ports over time">
        <table class="timeline">
          <thead>
            <tr>
              <th scope="col">Port</th>
              {shown.map(({ scanId, submittedAt }) => (
                <th key={scanId} scope="col">
                  <a href={`#/scan/${scanId}`}>{clockWords(submittedAt).slice(5, 16)}</a>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.value.slice(0, ROWS).map(({ host, port, open, changed }) => (
              <tr key={`${host}${port}`} class={changed ? 'changed' : ''}>
                <th scope="row">
                  {host} {port}
                </th>
                {open.map((isOpen, at) => (
                  <td key={shown[at]?.scanId} class={isOpen ? 'open' : ''}>
                    {isOpen ? 'open' : '·'}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.value.length > ROWS && (
        <p class="hint">{grouped(rows.value.length - ROWS)} ports that did not change are left out.</p>
      )}
    </section>
  );
}

async function readRows(scans: readonly ScanLine[]): Promise<readonly Row[]> {
  const open = new Map<string, { host: string; port: string; number: number; seen: Set<number> }>();
  for (const [at, { scanId }] of scans.entries()) {
    for (const { address, protocol, port } of (await api.openPorts(scanId)).items) {
      const key = `${address} ${port}/${protocol}`;
      const row = open.get(key) ?? { host: address, port: `${port}/${protocol}`, number: port, seen: new Set() };
      row.seen.add(at);
      open.set(key, row);
    }
  }
  const rows = [...open.values()].map(({ seen, ...row }): Row => {
    const states = scans.map((_, at) => seen.has(at));
    return { ...row, open: states, changed: seen.size < scans.length };
  });
  return rows.sort(
    (a, b) => Number(b.changed) - Number(a.changed) || compareAddresses(a.host, b.host) || a.number - b.number,
  );
}
