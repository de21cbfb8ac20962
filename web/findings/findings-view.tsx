import { useSignal } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import type { FindingResource } from '../../shared/api/resources/port-resource.ts';
import type { ScanResource } from '../../shared/api/resources/scan-resource.ts';
import { isOver } from '../../shared/domain/scan-status.ts';
import { findingKey } from '../data/findings.ts';
import { hostNames } from '../data/host-names.ts';
import type { LiveScan } from '../data/live-scan.ts';
import { useKeys } from '../parts/keys.tsx';
import { Notice } from '../parts/notices.tsx';
import { Scrolled } from '../parts/scrolled.tsx';
import { grouped, plural } from '../parts/words.ts';
import { COLUMNS, type ColumnName, type Sorting, sortFindings } from './columns.tsx';
import { ExportMenu } from './export-menu.tsx';
import { parseFilter } from './filter.ts';
import { PortDrawer } from './port-drawer.tsx';

/** Rows that are drawn at once; the rest follows on a button, so that a host with every port open stays quick. */
const ROWS_AT_ONCE = 500;

const SHOWN_AT_FIRST: readonly ColumnName[] = ['address', 'port', 'service', 'product', 'certificate', 'seen', 'rtt'];

export function FindingsView({ live, scan }: { readonly live: LiveScan; readonly scan: ScanResource }) {
  const filterText = useSignal('');
  const sorting = useSignal<Sorting>({ by: 'address', down: false });
  const columns = useSignal<readonly ColumnName[]>(SHOWN_AT_FIRST);
  const rows = useSignal(ROWS_AT_ONCE);
  const chosen = useSignal<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  useKeys({ '/': () => setTimeout(() => field.current?.focus()) });
  const revision = live.revision.value;
  const names = useMemo(() => hostNames(scan, live.chunks()), [scan.scanId, scan.plan.reverseNames && revision]);
  const namesOf = (address: string): readonly string[] => names.get(address) ?? [];
  const filter = useMemo(() => parseFilter(filterText.value, namesOf), [filterText.value, names]);
  const now = Date.now();
  const shown = useMemo(() => {
    const passing = live.findings().filter((finding) => filter.passes(finding, now));
    return sortFindings(passing, sorting.value, now);
  }, [revision, filter, sorting.value]);
  const open = shown.find((finding) => findingKey(finding) === chosen.value);
  return (
    <>
      <div class="tools">
        <div class="field grow">
          <label for="filter">Filter</label>
          <input
            id="filter"
            ref={field}
            type="search"
            value={filterText.value}
            placeholder="service:http port:8000-9000 -product:nginx cert:<30d"
            onInput={(event) => {
              filterText.value = event.currentTarget.value;
            }}
            aria-invalid={filter.errors.length > 0}
            aria-describedby="filter-help"
          />
          <p class="hint" id="filter-help" role={filter.errors.length > 0 ? 'alert' : undefined}>
            {filter.errors[0]?.hint ??
              `${grouped(shown.length)} of ${plural(live.findings().length, 'finding')}; fields: state, port, proto, host, service, product, banner, cert`}
          </p>
        </div>
        <ColumnChoice columns={columns.value} onChange={(chosenColumns) => (columns.value = chosenColumns)} />
        <ExportMenu findings={shown} scan={scan} />
      </div>
      {shown.length === 0 ? (
        <Nothing scan={scan} filtered={filterText.value !== ''} />
      ) : (
        <Table
          findings={shown.slice(0, rows.value)}
          columns={columns.value}
          sorting={sorting.value}
          namesOf={namesOf}
          now={now}
          onSort={(by) => (sorting.value = { by, down: sorting.value.by === by && !sorting.value.down })}
          onOpen={(finding) => (chosen.value = findingKey(finding))}
        />
      )}
      {shown.length > rows.value && (
        <button type="button" onClick={() => (rows.value += ROWS_AT_ONCE)}>
          {grouped(shown.length - rows.value)} more
        </button>
      )}
      {open && (
        <PortDrawer scan={scan} finding={open} names={namesOf(open.address)} onClose={() => (chosen.value = null)} />
      )}
    </>
  );
}

function Nothing({ scan, filtered }: { readonly scan: ScanResource; readonly filtered: boolean }) {
  if (filtered) return <p class="empty">No open port passes the filter.</p>;
  if (!isOver(scan.status)) return <p class="empty">No open port so far; they appear here as they are found.</p>;
  return (
    <Notice title="No open port">
      <p>What the other ports said is in the port map and under "About the scan".</p>
    </Notice>
  );
}

function ColumnChoice(props: {
  readonly columns: readonly ColumnName[];
  readonly onChange: (columns: readonly ColumnName[]) => void;
}) {
  const { columns, onChange } = props;
  const all = Object.keys(COLUMNS) as ColumnName[];
  const toggle = (name: ColumnName): void =>
    onChange(all.filter((each) => (each === name ? !columns.includes(name) : columns.includes(each))));
  return (
    <details class="menu" name="menu">
      <summary>Columns</summary>
      <div class="menu-body">
        {all.map((name) => (
          <label key={name} class="check">
            <input type="checkbox" checked={columns.includes(name)} onChange={() => toggle(name)} />
            {COLUMNS[name].title}
          </label>
        ))}
      </div>
    </details>
  );
}

function Table(props: {
  readonly findings: readonly FindingResource[];
  readonly columns: readonly ColumnName[];
  readonly sorting: Sorting;
  readonly namesOf: (address: string) => readonly string[];
  readonly now: number;
  readonly onSort: (by: ColumnName) => void;
  readonly onOpen: (finding: FindingResource) => void;
}) {
  const { findings, columns, sorting, namesOf, now, onSort, onOpen } = props;
  const direction = sorting.down ? 'descending' : 'ascending';
  return (
    <Scrolled label="Open ports">
      <table class="findings">
        <thead>
          <tr>
            {columns.map((name) => (
              <th
                key={name}
                scope="col"
                class={COLUMNS[name].isNumber ? 'number' : ''}
                aria-sort={sorting.by === name ? direction : 'none'}
              >
                <button type="button" class="sort" onClick={() => onSort(name)}>
                  {COLUMNS[name].title}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {findings.map((finding) => (
            <tr
              key={findingKey(finding)}
              class="clickable"
              tabIndex={0}
              onClick={() => onOpen(finding)}
              onKeyDown={(event) => event.key === 'Enter' && onOpen(finding)}
            >
              {columns.map((name) => (
                <td key={name} class={COLUMNS[name].isNumber ? 'number' : ''} data-column={name}>
                  {COLUMNS[name].text(finding, namesOf(finding.address), now)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolled>
  );
}
