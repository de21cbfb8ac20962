import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { portSet } from '../../../shared/domain/port-set.ts';
import { parseExpect, parseExpectFile } from '../../../shared/report/expectations/parse-expect.ts';
import type { FormatName } from '../../../shared/report/formats/format.ts';
import { formatReport } from '../../../shared/report/formats/format.ts';
import type { FormatOptions } from '../../../shared/report/formats/sections.ts';
import { finding, host, OPTIONS, report, run, tcp, whole } from '../../helpers/sample-report.ts';
import { valid } from '../../helpers/valid.ts';

const web = host('10.0.0.5', {
  names: ['web.example'],
  findings: [finding('10.0.0.5', 22), finding('10.0.0.5', 80, { service: { name: '<&"]]>', method: 'table' } })],
  runs: [run(1, 21, 'closed/conn-refused'), run(23, 79, 'closed/conn-refused'), run(81, 100, 'unprobed/deadline')],
});
const quiet = host('10.0.0.6', { runs: [run(1, 100, 'unprobed/host-silent')] });

const write = (format: FormatName, options: Partial<FormatOptions> = {}): Promise<string> =>
  whole(formatReport(format, report([web, quiet], tcp([1, 100])), { ...OPTIONS, ...options }));

const only22 = { expectation: valid(parseExpect('22', '--expect')), strictness: 'at-most' } as const;

interface Suite {
  readonly name: string;
  readonly tests: string;
  readonly failures: string;
  readonly errors: string;
  readonly testcase: readonly {
    name: string;
    failure?: { type: string; message: string };
    error?: { message: string };
  }[];
}

async function suites(options: Partial<FormatOptions> = {}): Promise<Suite[]> {
  const isArray = (name: string): boolean => name === 'testsuite' || name === 'testcase';
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '', isArray });
  return parser.parse(await write('junit', options)).testsuites.testsuite;
}

describe('JUnit', () => {
  it('has a suite a host, whose ports pass where nothing is expected, and whose gaps are an error', async () => {
    const [first, second, ...more] = await suites();
    expect(more).toEqual([]);
    expect(first).toMatchObject({ name: 'web.example (10.0.0.5)', tests: '3', failures: '0', errors: '1' });
    expect(first?.testcase.map(({ name }) => name)).toEqual(['22/tcp', '80/tcp', 'every planned port was probed']);
    expect(first?.testcase[2]?.error?.message).toBe('not probed: 81-100 (the time ran out)');
    // Left out on purpose: no gap.
    expect(second).toMatchObject({ name: '10.0.0.6', tests: '1', failures: '0', errors: '0' });
  });

  it('fails what is not as expected, also with --open, and says what in words that a reader of XML gets whole', async () => {
    const [first] = await suites({ expected: only22, openOnly: true });
    expect(first).toMatchObject({ failures: '1', errors: '1' });
    expect(first?.testcase[0]).not.toHaveProperty('failure');
    expect(first?.testcase[1]?.failure?.type).toBe('unexpected');
    expect(first?.testcase[1]?.failure?.message).toContain('80/tcp is open on web.example (10.0.0.5): ');
    const exact = { expectation: valid(parseExpect('22,80,99,7', '')), strictness: 'exactly' } as const;
    const [, second] = await suites({ expected: exact, openOnly: true });
    expect(second?.testcase.map(({ name }) => name)).toEqual([
      '7/tcp',
      '22/tcp',
      '80/tcp',
      '99/tcp',
      'every planned port was probed',
    ]);
  });

  it('has a suite of its own for hosts that were expected and are not there, and for a report that was cut off', async () => {
    const file = valid(await parseExpectFile('targets: { 10.9.9.9: 22, web.example: "22,80" }', 'e.yaml'));
    const found = await suites({ expected: { expectation: file, strictness: 'exactly' }, signal: AbortSignal.abort() });
    expect(found.at(-1)?.testcase).toMatchObject([
      { name: '10.9.9.9', failure: { type: 'no-such-host' } },
      { name: 'web.example', failure: { type: 'no-such-host' } },
      { name: 'the report is whole', error: { message: 'Hosts are missing.' } },
    ]);
  });
});

interface SarifResult {
  readonly ruleId: string;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations: readonly [{ physicalLocation: { artifactLocation: { uri: string } } }];
  readonly partialFingerprints: Readonly<Record<string, string>>;
}

async function sarif(options: Partial<FormatOptions> = {}) {
  const { runs } = JSON.parse(await write('sarif', options));
  return runs[0] as {
    tool: { driver: { rules: { id: string }[] } };
    results: SarifResult[];
    invocations: [{ executionSuccessful: boolean }];
  };
}

describe('SARIF', () => {
  it('notes every open port where nothing is expected, and warns of ports that were not probed', async () => {
    const { results, tool, invocations } = await sarif();
    expect(results.map(({ ruleId, level }) => `${ruleId} ${level}`)).toEqual([
      'open-port note',
      'open-port note',
      'not-probed warning',
    ]);
    const ids = tool.driver.rules.map(({ id }) => id);
    for (const { ruleId } of results) expect(ids).toContain(ruleId);
    expect(invocations[0].executionSuccessful).toBe(true);
  });

  it('has what is not as expected as an error, at the file that says so, known again in every run', async () => {
    const expected = { ...only22, file: 'hosts and ports\\e.yaml' };
    const { results } = await sarif({ expected, openOnly: true });
    expect(results.map(({ ruleId, level }) => `${ruleId} ${level}`)).toEqual([
      'unexpected error',
      'not-probed warning',
    ]);
    expect(results[0]?.locations[0].physicalLocation.artifactLocation.uri).toBe('hosts%20and%20ports/e.yaml');
    expect(results[0]?.partialFingerprints).toEqual({ 'port/v1': 'unexpected 10.0.0.5:80/tcp' });
  });

  it('is whole JSON without any result', async () => {
    const nothing = await whole(formatReport('sarif', report([], portSet([], [])), OPTIONS));
    expect(JSON.parse(nothing).runs[0].results).toEqual([]);
  });
});
