import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { presenceOf } from '../../../shared/domain/host-presence.ts';
import { countPorts, hasPort, NO_PORTS } from '../../../shared/domain/port-set.ts';
import { epochMillis, millis } from '../../../shared/domain/units.ts';
import type { Verdict } from '../../../shared/domain/verdict.ts';
import { foldHost } from '../../../shared/report/formats/fold.ts';
import { cell, printable, xmlComment } from '../../../shared/report/formats/printable.ts';
import { ctimeFormat, durationText, isoTime } from '../../../shared/report/formats/time.ts';
import { arbitraryReport, hostileText } from '../../helpers/arbitrary-report.ts';
import { finding, host, run, tcp } from '../../helpers/sample-report.ts';

describe('a duration', () => {
  it('is hours, minutes, seconds and microseconds', () => {
    const text = (value: number): string => durationText(millis(value));
    expect(text(16_141.69)).toBe('0:00:16.141690');
    expect(text(0)).toBe('0:00:00.000000');
    expect(text(59_999.9996)).toBe('0:01:00.000000');
    expect(text(3_599_999.999)).toBe('0:59:59.999999');
    expect(text(100 * 3_600_000 + 1)).toBe('100:00:00.001000');
    expect(text(-5)).toBe('0:00:00.000000');
  });
});

describe('a time', () => {
  it('is written whatever it is, also the one that a forged certificate claims', () => {
    expect(isoTime(epochMillis(1e300))).toBe('+275760-09-13T00:00:00.000Z');
    expect(isoTime(epochMillis(-1e300))).toBe('-271821-04-20T00:00:00.000Z');
  });

  it('is padded with a blank as ctime does it', () => {
    expect(ctimeFormat('UTC')(epochMillis(Date.UTC(2026, 0, 5, 3, 4, 5)))).toBe('Mon Jan  5 03:04:05 2026');
  });
});

describe('text from the network', () => {
  it('is printable afterwards, and stays as it is when it was before', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(printable(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/);
        expect(() => encodeURIComponent(printable(text))).not.toThrow();
        expect(printable(printable(text))).toBe(printable(text));
      }),
    );
    expect(printable('grüße 日本 😀 \\ "x"')).toBe('grüße 日本 😀 \\ "x"');
  });

  it('is cut between characters', () => {
    expect(cell('😀😀😀', 3)).toBe('😀😀😀');
    expect(cell('😀😀😀😀', 3)).toBe('😀😀…');
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 1, max: 40 }), (text, width) => {
        expect([...cell(text, width)].length).toBeLessThanOrEqual(width);
        expect(() => encodeURIComponent(cell(text, width))).not.toThrow();
      }),
    );
  });

  it('does not end a comment', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('-', '--', '>', '-->', 'a', '&')), (parts) => {
        expect(xmlComment(parts.join(''))).not.toContain('--');
      }),
    );
  });
});

describe('the folding of a host', () => {
  it('loses no port and names none twice', () => {
    fc.assert(
      fc.property(arbitraryReport, ({ hosts, make }) => {
        const { ports } = make().scan.plan;
        for (const each of hosts) {
          const { rows, folded, gaps } = foldHost(each, ports);
          const groups = [...folded, ...gaps];
          const inGroups = groups.reduce((sum, { ranges }) => sum + countPorts({ ...NO_PORTS, tcp: ranges }), 0);
          expect(rows.length + inGroups).toBe(countPorts(ports));
          expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(inGroups);
          for (const { protocol, ranges } of groups) {
            for (const [first, last] of ranges) {
              expect(hasPort(ports, protocol, first) && hasPort(ports, protocol, last)).toBe(true);
            }
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('begins, as in nmap, with the twenty-sixth port of a state', () => {
    const closed = (count: number) => host('192.0.2.1', { runs: [run(1, count, 'closed/conn-refused')] });
    expect(foldHost(closed(25), tcp([1, 25]))).toMatchObject({ rows: { length: 25 }, folded: [] });
    expect(foldHost(closed(26), tcp([1, 26]))).toMatchObject({ rows: [], folded: [{ count: 26 }] });
  });
});

describe('what the ports tell of their host', () => {
  const of = (...verdicts: Verdict[]) =>
    presenceOf(host('192.0.2.1', { runs: verdicts.map((verdict, index) => run(index + 1, index + 1, verdict)) })).state;

  it('is that it is up only when it answered itself', () => {
    expect(presenceOf(host('192.0.2.1', { findings: [finding('192.0.2.1', 1)] }))).toEqual({
      state: 'up',
      reason: 'syn-ack',
    });
    expect(of('filtered/no-response', 'closed/conn-refused')).toBe('up');
    expect(of('filtered/admin-prohibited')).toBe('silent');
    expect(of('filtered/no-response', 'filtered/host-unreach')).toBe('silent');
    expect(of('filtered/host-unreach', 'filtered/net-unreach', 'unprobed/deadline')).toBe('down');
    expect(of('unprobed/deadline', 'pending')).toBe('unasked');
  });
});
