import { describe, expect, it } from 'vitest';
import { readScanRequest } from '../../../shared/api/scan-request.ts';
import { MOST_ERRORS } from '../../../shared/domain/error-list.ts';
import { type Address, seed } from '../../../shared/domain/units.ts';
import { parseExpectFile } from '../../../shared/report/expectations/parse-expect.ts';
import { parseRequest, type RawRequest } from '../../../shared/request/parse-request.ts';
import { JSON_FIELDS } from '../../../shared/request/request-fields.ts';
import { LOCAL_POLICY } from '../../../shared/request/target-policy.ts';
import { planScan } from '../../../shared/usecases/plan-scan.ts';
import { manualClock } from '../../helpers/manual-clock.ts';
import { freshScanId } from '../../helpers/sample-scan.ts';
import { errorsOf, valid } from '../../helpers/valid.ts';

const times = (count: number, text: (index: number) => string): string[] =>
  Array.from({ length: count }, (_, index) => text(index));

const request = (raw: Partial<RawRequest>) => parseRequest({ targets: ['10.0.0.1'], ports: '80', ...raw }, JSON_FIELDS);

async function planned(raw: Partial<RawRequest>) {
  const parsed = request(raw);
  if (!parsed.ok) return parsed;
  return planScan(parsed.value, {
    resolver: { resolve: async () => ['10.0.0.1' as Address] },
    clock: manualClock(),
    policy: LOCAL_POLICY,
    fleet: { workers: 2, socketsPerWorker: 1_000, maxProbesPerChunk: 65_536 },
    newId: freshScanId,
    newSeed: () => seed(1),
  });
}

const octets = (index: number): string => `${10 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;

/** Each of these took the parser minutes, or gigabytes, where time grew with the square of the input. */
describe('a request made to stop the server', () => {
  it.each<[what: string, raw: Partial<RawRequest>, errors: number]>([
    ['50,000 unknown services', { ports: times(50_000, (at) => `zq${at}q`).join(',') }, 50_000],
    ['one unknown service, 50,000 times', { ports: times(50_000, () => 'x').join(',') }, 1],
    ['50,000 gaps between commas', { ports: ','.repeat(50_000 - 1) }, 50_000],
    ['50,000 different patterns', { ports: times(50_000, (at) => `zq*${at}`).join(',') }, 50_000],
    ['100,000 bad octets in a word', { targets: [`10.0.0.${times(100_000, () => '999').join()}`] }, 100_000],
    ['50,000 bad targets', { targets: times(50_000, () => '10.0.0.256') }, 50_000],
  ])('by %s is told of the first hundred errors, and how many more there are', (_, raw, count) => {
    const errors = errorsOf(request(raw));
    expect(errors.length).toBe(Math.min(count, MOST_ERRORS + 1));
    const last = errors.at(-1);
    if (count > MOST_ERRORS) expect(last?.detail).toBe(`And ${(count - MOST_ERRORS).toLocaleString('en')} more.`);
    expect(JSON.stringify(errors).length).toBeLessThan(100_000);
  });

  it.each<[what: string, raw: Partial<RawRequest>]>([
    ['100,000 times the same pattern', { ports: times(100_000, () => 'a*').join(',') }],
    ['a pattern of 50,000 stars', { ports: '*'.repeat(50_000) }],
    ['a pattern of stars and letters', { ports: `${'*?'.repeat(2)}t${'*?'.repeat(3)}*` }],
    ['all ports between brackets, 100,000 times', { ports: times(100_000, () => '[-]').join(',') }],
    [
      '2,000 targets that hold each other, with 20,000 holes',
      {
        targets: times(2_000, (at) => `10.0.0.0-10.255.${(at >> 8) & 255}.${at & 255}`),
        exclude: times(20_000, (at) => `${octets(3 * at)}.7`),
      },
    ],
  ])('by %s is read', async (_, raw) => {
    valid(await planned(raw));
  });

  it('by two octets that vary freely is told how many ranges it may come to', () => {
    const errors = errorsOf(request({ targets: times(20_000, () => '10.0-255.0-255.1-254') }));
    expect(errors.length).toBe(MOST_ERRORS + 1);
    expect(errors[0]?.detail).toContain('more than 65536 separate ranges');
    expect(errorsOf(readScanRequest({ targets: ['10.0-255.0-255.1-254'] }))[0]?.detail).toContain('more than 4096');
  });

  it('by thousands of forbidden targets and exclusions is told of a hundred of them', async () => {
    const targets = times(20_000, (at) => `224.${octets(at).slice(3)}.0-200`);
    const exclude = times(20_000, (at) => `224.${octets(at).slice(3)}.7`);
    const errors = errorsOf(await planned({ targets, exclude }));
    expect(errors.length).toBe(MOST_ERRORS + 1);
    expect(errors[0]?.code).toBe('TARGET_FORBIDDEN');
    expect(errors.at(-1)?.detail).toBe('And 19,900 more.');
  });

  it('by JSON that is nested deeper than a stack is told what the field takes', () => {
    const depth = 100_000;
    const body = JSON.parse(`{"targets":${'['.repeat(depth)}${']'.repeat(depth)}}`);
    const [error] = errorsOf(readScanRequest(body));
    expect(error?.code).toBe('FIELD_UNREADABLE');
    expect(error?.detail.length).toBeLessThan(200);
  });

  it('by 50,000 fields that do not exist is told of a hundred', () => {
    const body = Object.fromEntries(times(50_000, (at) => `field${at}`).map((name) => [name, 1]));
    const errors = errorsOf(readScanRequest({ ...body, targets: ['10.0.0.1'] }));
    expect(errors.length).toBe(MOST_ERRORS + 1);
  });

  it('by a file of expectations nested ten thousand deep, or full of mistakes, is told so', async () => {
    const deep = errorsOf(await parseExpectFile(`ports: ${'['.repeat(10_000)}${']'.repeat(10_000)}`, 'deep.yaml'));
    expect(deep[0]?.code).toBe('EXPECTATION_UNREADABLE');
    const bad = `targets:\n${times(2_000, (at) => `  10.0.${at}: 22\n`).join('')}`;
    expect(errorsOf(await parseExpectFile(bad, 'bad.yaml')).length).toBe(MOST_ERRORS + 1);
  });
});
