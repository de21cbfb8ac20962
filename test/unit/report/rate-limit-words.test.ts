import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addTallies, NO_PROBES, type ProbeTally } from '../../../shared/domain/coverage.ts';
import type { ScanSummary } from '../../../shared/domain/scan.ts';
import { summarySentences } from '../../../shared/report/formats/summary-words.ts';
import { summaryOf } from '../../helpers/sample-report.ts';

const said = (settled: ScanSummary['settled'], tally: Partial<ProbeTally>): string =>
  summarySentences({ ...summaryOf([]), settled, tally: { ...NO_PROBES, ...tally } }).join('\n');

describe('the summary of a scan of a host that holds answers back', () => {
  it('says how fast it answered and how many ports are unsure', () => {
    const text = said(
      { 'closed/port-unreach': 10, 'open|filtered/rate-limited': 88, 'open|filtered/no-response': 2 },
      { answersPerSecond: 0.984 },
    );
    expect(text).toContain('90 open|filtered ports (88 rate-limited, 2 no-response)');
    expect(text).toContain(
      'Answers rate-limited (about 1.0 a second that a port is closed): 88 open|filtered ports are unsure and may be closed',
    );
  });

  it('says that the others are sure when all were waited for', () => {
    const text = said({ 'closed/port-unreach': 95, 'open|filtered/no-response': 2 }, { answersPerSecond: 16.2 });
    expect(text).toContain(
      'Answers rate-limited (about 16 a second that a port is closed): they were waited for, so every open|filtered is sure',
    );
  });

  it('speaks of one port as one', () => {
    expect(said({ 'open|filtered/rate-limited': 1 }, {})).toContain(
      'Answers rate-limited: 1 open|filtered port is unsure and may be closed',
    );
  });

  it('says nothing of it otherwise', () => {
    expect(said({ 'closed/port-unreach': 95, 'open|filtered/no-response': 2 }, {})).not.toContain('rate-limited');
  });
});

describe('tallies of two chunks', () => {
  const tally = fc.record({ answersPerSecond: fc.double({ min: 0.1, max: 1_000, noNaN: true }) }, { requiredKeys: [] });

  it('keep the slower of two answer rates, in any order, and once more changes nothing', () => {
    fc.assert(
      fc.property(tally, tally, (a, b) => {
        const [first, second] = [
          { ...NO_PROBES, ...a },
          { ...NO_PROBES, ...b },
        ];
        const both = addTallies(first, second).answersPerSecond;
        expect(addTallies(second, first).answersPerSecond).toBe(both);
        expect(addTallies(addTallies(first, second), second).answersPerSecond).toBe(both);
        const rates = [a.answersPerSecond, b.answersPerSecond].filter((rate) => rate !== undefined);
        expect(both).toBe(rates.length === 0 ? undefined : Math.min(...rates));
      }),
    );
  });

  it('have no answer rate where no answers were held back, as in records of older scans', () => {
    expect(addTallies(NO_PROBES, NO_PROBES)).toEqual(NO_PROBES);
  });
});
