import { describe, expect, it } from 'vitest';
import type { Anomaly } from '../../../shared/domain/anomaly.ts';
import { NO_PROBES } from '../../../shared/domain/coverage.ts';
import type { Incident } from '../../../shared/domain/incident.ts';
import type { Scan } from '../../../shared/domain/scan.ts';
import { type Address, epochMillis } from '../../../shared/domain/units.ts';
import { FORMATS, type FormatName, formatReport } from '../../../shared/report/formats/format.ts';
import { imported } from '../../helpers/import-file.ts';
import { readCsv } from '../../helpers/read-csv.ts';
import { finding, host, OPTIONS, report, run, summaryOf, tcp, whole } from '../../helpers/sample-report.ts';

const address = '10.0.0.1' as Address;
const from = epochMillis(Date.parse('2026-11-22T12:03:04Z'));
const until = epochMillis(from + 2_000);
const incidents: readonly Incident[] = [
  { kind: 'went-silent', address, from, until, ports: 0 },
  { kind: 'went-silent', address, from: epochMillis(from + 60_000), until: null, ports: 31_022 },
];
const anomalies: readonly Anomaly[] = [
  { kind: 'all-open', address, open: 990, answered: 1_000 },
  { kind: 'reset-everything', address, since: from, until: null, ports: 1_234 },
];

const hosts = [host(address, { findings: [finding(address, 2)], runs: [run(1, 1, 'filtered/no-response')] })];
const summary = { ...summaryOf(hosts), tally: { ...NO_PROBES, incidents }, anomalies };
const shown = (format: FormatName): Promise<string> =>
  whole(formatReport(format, report(hosts, tcp([1, 2]), { summary }), OPTIONS));

describe('what befell a host', () => {
  const sentences = [
    '10.0.0.1 was heard until 12:03:04 UTC and again from 12:03:06; what was silent in between was probed again',
    '10.0.0.1 was heard until 12:04:04 UTC; 31022 ports after that not told',
    '10.0.0.1 accepted on 990 of the 1000 ports that answered',
    '10.0.0.1 showed other states until 12:03:04 UTC, and reset all that was probed after that',
    'that 1234 ports are closed since then is no evidence',
  ];
  it.each(['text', 'markdown', 'html', 'greppable'] as const)('is said with its times in %s', async (format) => {
    const text = (await shown(format)).replaceAll('\\', '');
    for (const sentence of sentences) expect(text).toContain(sentence);
  });

  it('is a comment in greppable, so that what reads hosts passes over it', async () => {
    const lines = (await shown('greppable')).split('\n');
    for (const line of lines.filter((each) => each.includes('UTC'))) expect(line).toMatch(/^# /);
  });

  it('is a line without a port in jsonl, after those of the ports', async () => {
    const lines = (await shown('jsonl')).trim().split('\n');
    const [port, ...events] = lines.map((line) => JSON.parse(line));
    expect(port.port).toBe(2);
    expect(events).toEqual([
      {
        event: 'went-silent',
        ip: address,
        timestamp: '2026-11-22T12:03:04.000Z',
        until: '2026-11-22T12:03:06.000Z',
        ports: 0,
      },
      { event: 'went-silent', ip: address, timestamp: '2026-11-22T12:04:04.000Z', ports: 31_022 },
      { event: 'all-open', ip: address, ports: 990, answered: 1_000 },
      { event: 'reset-everything', ip: address, timestamp: '2026-11-22T12:03:04.000Z', ports: 1_234 },
    ]);
  });

  it('is a record without a port in CSV, with every column', async () => {
    const [head = [], port = [], ...events] = readCsv(await shown('csv'));
    expect([port, ...events].map((each) => each.length)).toEqual(Array(5).fill(head.length));
    const column = (name: string) => events.map((each) => each[head.indexOf(name)]);
    expect(column('port')).toEqual(['', '', '', '']);
    expect(column('state')).toEqual(['went-silent', 'went-silent', 'all-open', 'reset-everything']);
    expect(column('until')).toEqual(['2026-11-22T12:03:06.000Z', '', '', '']);
    expect(column('ports')).toEqual(['0', '31022', '990', '1234']);
    expect(port.slice(-2)).toEqual(['', '']);
  });

  it.each(['json', 'jsonl', 'xml'] as const)('comes back when %s is imported', async (format) => {
    const { scan }: { scan: Scan } = await imported(await shown(format));
    expect(scan.summary?.tally.incidents).toEqual(incidents);
    expect(scan.summary?.anomalies).toEqual(anomalies);
  });

  it('is nothing where nothing did', async () => {
    for (const format of Object.keys(FORMATS) as FormatName[]) {
      const text = await whole(formatReport(format, report(hosts, tcp([1, 2])), OPTIONS));
      expect(text).not.toMatch(/event|went-silent|reset-everything/);
    }
  });
});
