import { useSignal } from '@preact/signals';
import type { FindingResource } from '../../shared/api/resources/port-resource.ts';
import type { ScanResource } from '../../shared/api/resources/scan-resource.ts';
import { download } from '../parts/download.ts';
import { COLUMNS, type ColumnName } from './columns.tsx';

const FORMATS = ['csv', 'json', 'jsonl', 'xml', 'greppable', 'markdown', 'text', 'html'] as const;

/** Writes what the table shows, in any format of the command; the writers are loaded with the first export. */
export function ExportMenu(props: { readonly findings: readonly FindingResource[]; readonly scan: ScanResource }) {
  const { findings, scan } = props;
  const copied = useSignal(false);
  const write = async (format: (typeof FORMATS)[number]): Promise<void> => {
    const { reportOf } = await import('./report-of.ts');
    const { text, mediaType, extension } = await reportOf(scan, findings, format);
    download(new Blob([text], { type: mediaType }), `portfleet-${scan.scanId}${extension}`);
  };
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(tabSeparated(findings));
    copied.value = true;
  };
  return (
    <details class="menu" name="menu">
      <summary>Export</summary>
      <div class="menu-body">
        <button type="button" class="quiet" onClick={() => void copy()}>
          {copied.value ? 'Copied' : 'Copy as a table'}
        </button>
        {FORMATS.map((format) => (
          <button key={format} type="button" class="quiet" onClick={() => void write(format)}>
            {format}
          </button>
        ))}
      </div>
    </details>
  );
}

/** For a spreadsheet: it takes a cell that begins with one of these for a formula, so they are told to be text. */
const FORMULA = /^[=+\-@\t]/;

function tabSeparated(findings: readonly FindingResource[]): string {
  const names = Object.keys(COLUMNS) as ColumnName[];
  const now = Date.now();
  const cell = (text: string): string => (FORMULA.test(text) ? `'${text}` : text).replaceAll(/[\t\n]/g, ' ');
  const line = (finding: FindingResource) => names.map((name) => cell(COLUMNS[name].text(finding, [], now))).join('\t');
  return [names.map((name) => COLUMNS[name].title).join('\t'), ...findings.map(line)].join('\n');
}
