import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ScanLine } from '../../shared/api/resources/scan-line.ts';
import type { Protocol } from '../../shared/domain/probe.ts';
import { api } from '../data/api.ts';
import { compareAddresses } from '../data/findings.ts';
import { probedBy } from '../data/probed-by.ts';
import { Scrolled } from '../parts/scrolled.tsx';
import { clockWords, grouped } from '../parts/words.ts';

/** Scans that a timeline goes back: a column each. */
const COLUMNS = 16;

/** Rows shown at most; those that changed come first. */
const ROWS = 200;

/** `unknown`: the scan did not probe the port, or did not come to its end. */
type PortThen = 'open' | 'not open' | 'unknown';

interface Row {
  readonly host: string;
  readonly port: string;
  readonly number: number;
  /** Scan by scan. */
  readonly then: readonly PortThen[];
  /** Between scans that know of it. */
  readonly changed: boolean;
}

const SIGNS: Readonly<Record<PortThen, string>> = { open: 'open', 'not open': '–', unknown: '' };

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
      <Scrolled label="Open ports over time">
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
            {rows.value.slice(0, ROWS).map(({ host, port, then, changed }) => (
              <tr key={`${host}${port}`} class={changed ? 'changed' : ''}>
                <th scope="row">
                  {host} {port}
                </th>
                {then.map((state, at) => (
                  <td key={shown[at]?.scanId} class={state === 'open' ? 'open' : ''} title={state}>
                    {SIGNS[state]}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolled>
      <p class="hint">"–": not open; empty: not probed, or the scan did not come to its end.</p>
      {rows.value.length > ROWS && (
        <p class="hint">{grouped(rows.value.length - ROWS)} ports that did not change are left out.</p>
      )}
    </section>
  );
}

async function readRows(scans: readonly ScanLine[]): Promise<readonly Row[]> {
  const open = new Map<string, Pick<Row, 'host' | 'port' | 'number'> & { readonly seen: Set<number> }>();
  const probed: ((address: string, protocol: Protocol, port: number) => boolean)[] = [];
  for (const [at, { scanId }] of scans.entries()) {
    probed.push(probedBy(await api.scan(scanId)));
    for (const { address, protocol, port } of (await api.openPorts(scanId)).items) {
      const key = `${address} ${port}/${protocol}`;
      const row = open.get(key) ?? { host: address, port: `${port}/${protocol}`, number: port, seen: new Set() };
      row.seen.add(at);
      open.set(key, row);
    }
  }
  const rows = [...open.values()].map(({ seen, ...row }): Row => {
    const protocol = row.port.endsWith('udp') ? 'udp' : 'tcp';
    const then = scans.map((_, at): PortThen => {
      if (seen.has(at)) return 'open';
      return probed[at]?.(row.host, protocol, row.number) ? 'not open' : 'unknown';
    });
    return { ...row, then, changed: then.includes('not open') };
  });
  return rows.sort(
    (a, b) => Number(b.changed) - Number(a.changed) || compareAddresses(a.host, b.host) || a.number - b.number,
  );
}
