import { describe, expect, it } from 'vitest';
import type { Report } from '../../../shared/domain/report.ts';
import { type FormatName, formatReport } from '../../../shared/report/formats/format.ts';
import { finding, host, OPTIONS, report, run, tcp, whole } from '../../helpers/sample-report.ts';

const written = async (name: FormatName, each: Report): Promise<string> => whole(formatReport(name, each, OPTIONS));

const web = host('192.0.2.7', {
  names: ['web.example', 'www.example'],
  findings: [finding('192.0.2.7', 443, { service: { name: 'https', method: 'table' } })],
  runs: [run(442, 442, 'closed/conn-refused'), run(444, 450, 'unprobed/deadline'), run(451, 460, 'pending')],
});

describe('the JSON report', () => {
  it('is one object with the scan, the sums, and every port of every host', async () => {
    const document = JSON.parse(await written('json', report([web, host('192.0.2.8')], tcp([442, 460]))));
    expect(document).toMatchObject({
      schemaVersion: 1,
      generator: { name: 'portfleet', version: '0.1.0', writtenAt: '2026-11-22T14:20:28.123Z' },
      scan: {
        id: '01KAB3X5J2V6Q0M8N4T7R9W1YZ',
        status: 'complete',
        timing: 'T3',
        submittedAt: '2026-11-22T14:20:08.123Z',
      },
      summary: {
        planned: 19,
        settled: { 'open/syn-ack': 1 },
        pending: 10,
        durationMs: 16_141.69,
        duration: '0:00:16.141690',
      },
      ending: { kind: 'finished' },
    });
    expect(document.hosts).toEqual([
      {
        address: '192.0.2.7',
        names: ['web.example', 'www.example'],
        presence: 'up',
        ports: [
          {
            protocol: 'tcp',
            port: 443,
            state: 'open',
            reason: 'syn-ack',
            service: { name: 'https', method: 'table' },
            seenAt: '2026-11-22T14:20:08.566Z',
            rttMs: 0.131,
            attempt: 1,
          },
        ],
        otherPorts: [
          { protocol: 'tcp', first: 442, last: 442, count: 1, state: 'closed', reason: 'conn-refused' },
          { protocol: 'tcp', first: 444, last: 450, count: 7, unprobed: 'deadline' },
          { protocol: 'tcp', first: 451, last: 460, count: 10, pending: true },
        ],
      },
      { address: '192.0.2.8', names: [], presence: 'unasked', ports: [], otherPorts: [] },
    ]);
  });

  it('is whole and says so when there is no host at all', async () => {
    expect(JSON.parse(await written('json', report([], tcp([1, 1])))).hosts).toEqual([]);
  });
});

describe('the JSON lines', () => {
  it('have naabu’s names, a host only where there is one, and all names where there are several', async () => {
    const bare = host('192.0.2.8', { findings: [finding('192.0.2.8', 53, { protocol: 'udp' })] });
    const lines = (await written('jsonl', report([web, bare], tcp([442, 460])))).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        host: 'web.example',
        names: ['web.example', 'www.example'],
        ip: '192.0.2.7',
        timestamp: '2026-11-22T14:20:08.566Z',
        port: 443,
        protocol: 'tcp',
        state: 'open',
        reason: 'syn-ack',
        name: 'https',
        method: 'table',
        rtt_ms: 0.131,
        attempt: 1,
      },
      {
        ip: '192.0.2.8',
        timestamp: '2026-11-22T14:20:08.176Z',
        port: 53,
        protocol: 'udp',
        state: 'open',
        reason: 'udp-response',
        name: 'unavailable',
        method: 'table',
        rtt_ms: 0.131,
        attempt: 1,
      },
    ]);
  });
});
