import { describe, expect, it } from 'vitest';
import { portSet } from '../../../shared/domain/port-set.ts';
import type { Report } from '../../../shared/domain/report.ts';
import { type Address, epochMillis, millis } from '../../../shared/domain/units.ts';
import { FORMATS, type FormatName, formatReport } from '../../../shared/report/formats/format.ts';
import { findingLine } from '../../../shared/report/formats/port-lines.ts';
import { clockFormat } from '../../../shared/report/formats/time.ts';
import {
  finding,
  host,
  OPTIONS,
  port,
  report,
  run,
  SUBMITTED_AT,
  summaryOf,
  tcp,
  whole,
} from '../../helpers/sample-report.ts';

const text = (each: Report, options = OPTIONS): Promise<string> => whole(formatReport('text', each, options));
const everyPort = tcp([1, 65_535]);

describe('the text report', () => {
  const localhost = host('127.0.0.1', {
    names: ['localhost'],
    findings: [
      finding('127.0.0.1', 22, { service: { name: 'ssh', method: 'table' } }),
      finding('127.0.0.1', 8080, { service: { name: 'http-alt', method: 'table' } }),
    ],
    runs: [
      run(1, 21, 'closed/conn-refused'),
      run(23, 8079, 'closed/conn-refused'),
      run(8081, 65_535, 'closed/conn-refused'),
    ],
  });

  it('reads like nmap: names, what is not shown, the table, counts, coverage, and the duration last', async () => {
    expect(await text(report([localhost], everyPort))).toBe(
      `Portfleet 0.1.0 scan 01KAB3X5J2V6Q0M8N4T7R9W1YZ, submitted 2026-11-22 14:20:08 UTC

Portfleet scan report for localhost (127.0.0.1)
Not shown: 65533 closed tcp ports (conn-refused)
PORT     STATE SERVICE  REASON  SEEN
22/tcp   open  ssh      syn-ack 2026-11-22 14:20:08 UTC
8080/tcp open  http-alt syn-ack 2026-11-22 14:20:16 UTC

2 open ports (syn-ack)
65533 closed ports (conn-refused)
65535 of 65535 probed
Finished 2026-11-22 14:20:24 UTC
Scanning completed in 0:00:16.141690
`,
    );
  });

  it('lists a rare state port by port, and names no port that was not in the scan', async () => {
    const sparse = host('10.0.0.1', {
      runs: [run(1, 9, 'closed/conn-refused', 'tcp', 3), run(10, 12, 'filtered/no-response')],
    });
    const shown = await text(report([sparse], tcp([1, 1], [5, 5], [9, 12])));
    expect(shown).toContain(`No open port found
PORT   STATE    SERVICE     REASON
1/tcp  closed   tcpmux      conn-refused
5/tcp  closed   rje         conn-refused
9/tcp  closed   discard     conn-refused
10/tcp filtered unavailable no-response
11/tcp filtered systat      no-response
12/tcp filtered unavailable no-response
`);
  });

  it('shows what engineers expect beside the registered name, unless the service was detected', async () => {
    const elastic = (method: 'table' | 'probed') =>
      host('10.0.0.1', { findings: [finding('10.0.0.1', 9200, { service: { name: 'wap-wsp', method } })] });
    expect(await text(report([elastic('table')], tcp([9200, 9200])))).toMatch(
      /^PORT +STATE +SERVICE +USUALLY +REASON +SEEN\n9200\/tcp +open +wap-wsp +elasticsearch +syn-ack /m,
    );
    expect(await text(report([elastic('probed')], tcp([9200, 9200])))).not.toContain('elasticsearch');
  });

  it('names every range that was not probed, and why', async () => {
    const gaps = host('10.0.0.1', {
      runs: [
        run(1, 24, 'filtered/no-response'),
        run(25, 25, 'unprobed/blocked-by-egress'),
        run(26, 900, 'filtered/no-response'),
        run(901, 1000, 'unprobed/deadline'),
        run(53, 60, 'pending', 'udp'),
      ],
    });
    const shown = await text(report([gaps], portSet([[port(1), port(1000)]], [[port(53), port(60)]])));
    expect(shown).toContain('Not probed: 25 (the network of the scanner blocks it)\n');
    expect(shown).toContain('Not probed: 901-1000 (the time ran out)\n');
    expect(shown).toContain('Not probed: 8 ports (not yet probed)\n');
    expect(shown).toContain(
      '899 of 1008 probed; 1 not probed: the network of the scanner blocks it; 100 not probed: the time ran out; 8 not yet probed\n',
    );
  });

  it('counts gaps that are scattered, where their list would drown the rest', async () => {
    const odd = Array.from({ length: 500 }, (_, index) => [
      run(2 * index + 1, 2 * index + 1, 'unprobed/cancelled'),
      run(2 * index + 2, 2 * index + 2, 'closed/conn-refused'),
    ]);
    const shown = await text(report([host('10.0.0.1', { runs: odd.flat() })], tcp([1, 1000])));
    expect(shown).toContain('Not probed: 500 tcp ports in 500 ranges (the scan was cancelled)\n');
  });

  it('folds a row of hosts that look the same, and only those', async () => {
    const quiet = (n: number) => host(`10.0.0.${n}`, { runs: [run(1, 100, 'filtered/no-response')] });
    const open = host('10.0.0.3', { findings: [finding('10.0.0.3', 1)], runs: [run(2, 100, 'filtered/no-response')] });
    const shown = await text(report([quiet(1), quiet(2), open, quiet(4)], tcp([1, 100])));
    expect(shown.match(/^Portfleet scan report for .*$/gm)).toEqual([
      'Portfleet scan report for 10.0.0.1 to 10.0.0.2 (2 addresses, each alike)',
      'Portfleet scan report for 10.0.0.3',
      'Portfleet scan report for 10.0.0.4',
    ]);
  });

  it('shows only open ports with --open, and keeps the counts', async () => {
    const silent = host('10.0.0.2', { runs: [run(1, 3, 'filtered/no-response')] });
    const open = host('10.0.0.3', { findings: [finding('10.0.0.3', 1)], runs: [run(2, 3, 'closed/conn-refused')] });
    const shown = await text(report([silent, open], tcp([1, 3])), { ...OPTIONS, openOnly: true });
    expect(shown).not.toContain('10.0.0.2');
    expect(shown).not.toContain('2/tcp');
    expect(shown).toContain('1/tcp open');
    expect(shown).toContain('2 closed ports (conn-refused)\n3 filtered ports (no-response)\n6 of 6 probed');
  });

  it('says how sure the silence is', async () => {
    const hosts = [host('10.0.0.1', { runs: [run(1, 3, 'filtered/no-response')] })];
    const tally = { sent: 1200, answered: 1000, answeredRetries: 37, mostAttempts: 4, smoothedRtt: millis(50.1) };
    const shown = await text(report(hosts, tcp([1, 3]), { summary: { ...summaryOf(hosts), tally } }));
    expect(shown).toContain(
      '37 ports of 1000 that answered did so only when probed again (3.7 %); silent ports were probed up to 4 times; round trip 50 ms\n',
    );
  });

  it('says from when to when a target was silent, and how far a silent one may be', async () => {
    const hosts = [host('10.0.0.1', { runs: [run(1, 3, 'filtered/no-response')] })];
    const address = '10.0.0.1' as Address;
    const from = epochMillis(Date.parse('2026-11-22T12:03:04Z'));
    const until = epochMillis(from + 2_000);
    const incidents = [
      { kind: 'went-silent', address, from, until, ports: 0 },
      { kind: 'went-silent', address, from, until: null, ports: 31_022 },
    ] as const;
    const summary = {
      ...summaryOf(hosts),
      tally: { sent: 9, answered: 4_999, answeredRetries: 2_400, mostAttempts: 9, smoothedRtt: null, incidents },
      unheard: { hosts: 2, beyond: millis(1_250) },
    };
    const shown = await text(report(hosts, tcp([1, 3]), { summary }));
    expect(shown).toContain('10.0.0.1 was heard until 12:03:04 UTC and again from 12:03:06; what was silent');
    expect(shown).toContain('10.0.0.1 was heard until 12:03:04 UTC; 31022 ports after that not told\n');
    expect(shown).toContain('2 hosts were never heard: beyond 1.25 s, silence and distance look alike\n');
    expect(shown).toContain('at such losses about 6.8 of the filtered ports may only have been missed');
  });

  it('says what a scan of a fleet has cost, beside the estimate, and that it reached its limit', async () => {
    const estimate = { atLeast: 0.011, expected: 0.04, ifSilent: 0.0524 };
    const cost = {
      dollars: 0.012345,
      estimate,
      limit: 0.01,
      workerSeconds: 911.6,
      requests: 3_800,
      writeUnits: 74_000.5,
    };
    const shown = await text(report([], tcp([1, 3]), { summary: { cost } }));
    expect(shown).toContain(
      'Cost about $0.0123, estimated at $0.04, $0.011 to $0.0524 (912 worker seconds, 3,800 requests, ',
    );
    expect(shown).toContain('Its limit of $0.01 is reached; "resume" goes on for as much again\n');
    const within = await text(report([], tcp([1, 3]), { summary: { cost: { ...cost, limit: 0.5 } } }));
    expect(within).not.toContain('limit');
  });

  it.each(Object.keys(FORMATS).filter((name) => name !== 'list') as FormatName[])(
    'tells as %s what a scan has cost',
    async (name) => {
      const estimate = { atLeast: 0.011, expected: 0.04, ifSilent: 0.0524 };
      const cost = { dollars: 0.0123, estimate, limit: 0.5, workerSeconds: 912, requests: 3_800, writeUnits: 74_000 };
      const shown = (each: Report) => whole(formatReport(name, each, OPTIONS));
      expect(await shown(report([], tcp([1, 3]), { summary: { cost } }))).toMatch(/0\.0123.*0\.04/s);
      expect(await shown(report([], tcp([1, 3])))).not.toContain('cost');
    },
  );

  it('lets no control character of the network reach the terminal', async () => {
    const evil = host('10.0.0.1', {
      names: ['a\u001b[2Jb'],
      findings: [finding('10.0.0.1', 1, { service: { name: 'x\u009b31m\u202e\r\n', method: 'probed' } })],
    });
    const shown = await text(report([evil], tcp([1, 1])));
    expect(shown).toContain('a\\x1b[2Jb (10.0.0.1)');
    expect(shown).toContain('x\\x9b31m\\u202e\\x0d\\x0a');
    expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  it('tells the truth about a scan that is not over', async () => {
    const shown = await text(
      report([], tcp([1, 3]), { scan: { status: 'running', finishedAt: null }, summary: { planned: 3, pending: 3 } }),
    );
    expect(shown).toMatch(/0 of 3 probed; 3 not yet probed\nScanning goes on, so far 0:00:16\.141690\n$/);
  });
});

describe('the text report on a terminal', () => {
  const server = {
    service: { name: 'http', method: 'probed', product: 'nginx', version: '1.27.4', info: 'title "Welcome to nginx!"' },
    banner: 'x',
  } as const;
  const web = host('2001:db8:0:1::7', {
    names: ['a-rather-long-name.example.com'],
    findings: [
      finding('2001:db8:0:1::7', 443, server),
      finding('2001:db8:0:1::7', 9200, { service: { name: 'wap-wsp', method: 'table' } }),
      finding('2001:db8:0:1::7', 161, { protocol: 'udp', state: 'open|filtered', reason: 'no-response' }),
    ],
    runs: [run(1, 3, 'filtered/admin-prohibited'), run(10_000, 10_000, 'closed/conn-refused')],
  });
  const ports = portSet(
    [
      [port(1), port(3)],
      [port(443), port(443)],
      [port(9200), port(9200)],
      [port(10_000), port(10_000)],
    ],
    [[port(161), port(161)]],
  );

  it.each([80, 60, 40])('is no wider than %i columns, and leaves no port and no sentence out', async (width) => {
    const shown = await text(report([web], ports), { ...OPTIONS, width });
    for (const line of shown.split('\n')) expect([...line].length, line).toBeLessThanOrEqual(width);
    for (const cell of ['443/tcp', '9200/tcp', '161/udp', 'open', 'filtered', 'http', 'nginx 1.27.4']) {
      expect(shown).toContain(cell);
    }
    const words = (whole: string): string[] => whole.split(/\s+/);
    const sentences = (await text(report([web], ports)))
      .split('\n')
      .filter((line) => /^(Scanning|Finished)/.test(line));
    for (const sentence of sentences) expect(words(shown).join(' ')).toContain(sentence);
  });

  it('keeps the time of each port, as long as there is room for the time of day', async () => {
    expect(await text(report([web], ports), { ...OPTIONS, width: 80 })).toMatch(/^443\/tcp .*14:20:08$/m);
    expect(await text(report([web], ports), { ...OPTIONS, width: 200 })).toMatch(
      /^443\/tcp .*2026-11-22 14:20:08 UTC$/m,
    );
  });
});

describe('the line of a port just found', () => {
  it('has the port, the service and the time, and the address when there are several', () => {
    const found = finding('10.0.0.1', 22, { service: { name: 'ssh', method: 'table' } });
    const style = { timeFormat: clockFormat('UTC'), addresses: 'one' } as const;
    expect(findingLine(found, style)).toBe('22/tcp    ssh              2026-11-22 14:20:08 UTC');
    expect(findingLine(found, { ...style, addresses: 'many' })).toBe(
      '10.0.0.1        22/tcp    ssh              2026-11-22 14:20:08 UTC',
    );
    expect(findingLine(finding('10.0.0.1', 47_808), style)).toBe('47808/tcp unavailable      2026-11-22 14:20:55 UTC');
  });

  it('shows the clock of the zone asked for', () => {
    expect(clockFormat('Asia/Kolkata')(SUBMITTED_AT)).toBe('2026-11-22 19:50:08 GMT+5:30');
    expect(clockFormat('America/New_York')(epochMillis(Date.UTC(2026, 6, 4, 4, 0, 0)))).toBe('2026-07-04 00:00:00 EDT');
  });
});
