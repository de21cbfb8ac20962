import { describe, expect, it } from 'vitest';
import { TIMING_TEMPLATES } from '../../../shared/domain/timing-template.ts';
import { parseTiming, type RawTiming } from '../../../shared/request/parse-timing.ts';
import { COMMAND_LINE_FIELDS, JSON_FIELDS } from '../../../shared/request/request-fields.ts';
import { blames, valid } from '../../helpers/valid.ts';

const parse = (raw: RawTiming) => parseTiming(raw, COMMAND_LINE_FIELDS);
const timing = (raw: RawTiming) => valid(parse(raw)).timing;

describe('the pace of a scan', () => {
  it('is the template T3 when nothing is said', () => {
    expect(valid(parse({}))).toEqual({ timing: TIMING_TEMPLATES.T3, rateIsWritten: false, sockets: null });
  });

  it.each([
    ['T4', 'T4'],
    ['t0', 'T0'],
    ['5', 'T5'],
    [2, 'T2'],
    ['Polite', 'T2'],
    ['insane', 'T5'],
    [' aggressive ', 'T4'],
  ] as const)('of template %j is %s', (written, name) => {
    expect(timing({ timing: written })).toEqual(TIMING_TEMPLATES[name]);
  });

  it.each([
    ['2', 2000, 100],
    ['0.5', 500, 100],
    ['.05', 50, 50],
    [1.5, 1500, 100],
    ['300ms', 300, 100],
    ['2s', 2000, 100],
    ['0.001', 1, 1],
    ['300', 300_000, 100],
  ])('with the timeout %j waits %d ms at first and at most, and never less than %d', (written, longest, shortest) => {
    expect(timing({ timeout: written })).toEqual({
      ...TIMING_TEMPLATES.T3,
      initialRttTimeout: longest,
      maxRttTimeout: longest,
      minRttTimeout: shortest,
    });
  });

  it.each([
    [{ maxRttTimeout: '200ms' }, [100, 200, 200]],
    [{ maxRttTimeout: '50ms' }, [50, 50, 50]],
    [{ initialRttTimeout: '300ms' }, [100, 300, 10_000]],
    [{ initialRttTimeout: '20' }, [100, 20_000, 20_000]],
    [{ minRttTimeout: '2s' }, [2_000, 2_000, 10_000]],
    [{ minRttTimeout: '1ms', initialRttTimeout: '5ms', maxRttTimeout: '1m' }, [1, 5, 60_000]],
    [{ timeout: 5, initialRttTimeout: 1 }, [100, 1_000, 5_000]],
  ])('with %j waits at least, at first and at most %j ms', (raw, [least, first, most]) => {
    expect(timing(raw)).toEqual({
      ...TIMING_TEMPLATES.T3,
      minRttTimeout: least,
      initialRttTimeout: first,
      maxRttTimeout: most,
    });
  });

  it.each([
    [{ minRttTimeout: 2, maxRttTimeout: 1 }, '--min-rtt-timeout is longer than --max-rtt-timeout.'],
    [{ initialRttTimeout: 2, maxRttTimeout: 1 }, '--initial-rtt-timeout is longer than --max-rtt-timeout.'],
    [{ minRttTimeout: 2, initialRttTimeout: 1 }, '--min-rtt-timeout is longer than --initial-rtt-timeout.'],
    [{ minRate: 100, rate: 50 }, '--min-rate asks for more probes a second than --rate allows.'],
  ])('cannot be %j, which contradicts itself', (raw, detail) => {
    expect(parse(raw)).toMatchObject({ ok: false, errors: [{ code: 'OPTIONS_CONFLICT', detail }] });
  });

  it('is forced to a rate that lifts the template’s own, and not one that was written', () => {
    expect(timing({ minRate: 5_000 })).toMatchObject({ minRatePerTarget: 5_000, ratePerTarget: 5_000 });
    expect(timing({ minRate: 10 })).toMatchObject({ minRatePerTarget: 10, ratePerTarget: 3_000 });
    expect(timing({ minRate: 10, rate: 'none' })).toMatchObject({ minRatePerTarget: 10, ratePerTarget: null });
    expect(timing({ minRate: 10, rate: 10 })).toMatchObject({ minRatePerTarget: 10, ratePerTarget: 10 });
  });

  it.each([
    ['90', 90_000],
    ['500ms', 500],
    ['30m', 1_800_000],
    ['2h', 7_200_000],
  ])('gives a host %j, which is %d ms', (written, time) => {
    expect(timing({ hostTimeout: written }).hostTimeout).toBe(time);
  });

  it('probes once more than it retries', () => {
    expect(timing({ retries: '0' }).maxAttempts).toBe(1);
    expect(timing({ retries: 3, timing: 'T5' })).toEqual({ ...TIMING_TEMPLATES.T5, maxAttempts: 4 });
  });

  it.each([
    ['500', 500],
    [0.5, 0.5],
    ['none', null],
    ['NONE', null],
  ])('with the rate %j asks so often a second: %j', (written, rate) => {
    expect(valid(parse({ rate: written }))).toMatchObject({ rateIsWritten: true, timing: { ratePerTarget: rate } });
  });

  it('takes a number of sockets', () => {
    expect(valid(parse({ sockets: '64' })).sockets).toBe(64);
  });

  it('has every error told at once, at the option that has it', () => {
    const errors = blames(parse({ timing: 'T6', timeout: 'soon', retries: '-1', rate: '0', sockets: '1.5' }));
    expect(errors).toEqual([
      ['OPTION_UNREADABLE', 'T6', 'Write T0 to T5, or paranoid, sneaky, polite, normal, aggressive, insane.'],
      ['OPTION_UNREADABLE', 'soon', 'Write seconds from 0.001 to 300, such as 0.5 or 500ms.'],
      ['OPTION_UNREADABLE', '-1', 'Write a whole number from 0 to 20.'],
      ['OPTION_UNREADABLE', '0', 'Write a number of probes per second above 0, or "none" for no limit.'],
      ['OPTION_UNREADABLE', '1.5', 'Write a whole number of at least 1.'],
    ]);
  });

  it('names the option as it was written: on a command line, or in JSON', () => {
    const fields = [COMMAND_LINE_FIELDS, JSON_FIELDS].map((names) => parseTiming({ retries: 'x' }, names));
    expect(fields.map((result) => (result.ok ? '' : result.errors[0]?.detail))).toEqual([
      '--retries cannot be "x".',
      'retries cannot be "x".',
    ]);
  });

  it.each([
    { timeout: '0' },
    { timeout: '301' },
    { timeout: '1e3' },
    { timeout: '0x10' },
    { timeout: '' },
    { timeout: '1.2.3' },
    { timeout: '5 minutes' },
    { timeout: Number.NaN },
    { timeout: Number.POSITIVE_INFINITY },
    { hostTimeout: '721h' },
    { hostTimeout: '0' },
    { hostTimeout: 'soon' },
    { minRate: '0' },
    { minRate: 'none' },
    { minRttTimeout: '-1' },
    { initialRttTimeout: '301' },
    { maxRttTimeout: '6m' },
    { retries: '21' },
    { retries: '1e1' },
    { retries: '' },
    { rate: '-5' },
    { rate: 'fast' },
    { rate: '' },
    { rate: Number.POSITIVE_INFINITY },
    { sockets: '0' },
    { sockets: '' },
    { timing: 'T' },
    { timing: '' },
    { timing: 'constructor' },
    { timing: 3.5 },
  ])('cannot be %j', (raw) => {
    expect(blames(parse(raw)).map(([code]) => code)).toEqual(['OPTION_UNREADABLE']);
  });
});
