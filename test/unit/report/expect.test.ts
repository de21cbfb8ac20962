import { describe, expect, it } from 'vitest';
import type { Detection } from '../../../shared/domain/detection.ts';
import { formatPorts } from '../../../shared/domain/port-set.ts';
import type { HostReport } from '../../../shared/domain/report.ts';
import type { Result } from '../../../shared/domain/result.ts';
import { epochMillis } from '../../../shared/domain/units.ts';
import {
  type Expectation,
  expectedPorts,
  type Strictness,
  violationLine,
  violations,
} from '../../../shared/report/expectations/expect.ts';
import { isExpectFile, parseExpect, parseExpectFile } from '../../../shared/report/expectations/parse-expect.ts';
import { clockFormat } from '../../../shared/report/formats/time.ts';
import { finding, host, report, run, SUBMITTED_AT, tcp } from '../../helpers/sample-report.ts';

function value<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(result.errors.map(({ detail }) => detail).join('; '));
  return result.value;
}

const details = (result: Result<Expectation>): string[] =>
  result.ok ? [] : result.errors.map(({ code, detail }) => `${code} ${detail}`);

const DAY = 86_400_000;

async function lines(
  hosts: HostReport[],
  expectation: Expectation,
  strictness: Strictness,
  detect: Detection = 'none',
): Promise<string[]> {
  const found: string[] = [];
  const { scan, ...rest } = report(hosts, tcp([1, 1000]));
  const asked = { ...rest, scan: { ...scan, plan: { ...scan.plan, detect } } };
  for await (const each of violations(asked, { expectation, strictness }))
    found.push(violationLine(each, clockFormat('UTC')));
  return found;
}

const web = host('10.0.0.5', {
  names: ['web.example'],
  findings: [finding('10.0.0.5', 22, { service: { name: 'ssh', method: 'table' } }), finding('10.0.0.5', 80)],
  runs: [
    run(1, 21, 'closed/conn-refused'),
    run(23, 79, 'closed/conn-refused'),
    run(81, 500, 'filtered/no-response'),
    run(501, 1000, 'unprobed/deadline'),
  ],
});

describe('the ports that are expected', () => {
  it('name what else is open, and nothing else, when they are a list', async () => {
    expect(await lines([web], value(parseExpect('80,443', '--expect')), 'at-most')).toEqual([
      'unexpected: 22/tcp is open on web.example (10.0.0.5): ssh, 2026-11-22 14:20:08 UTC',
    ]);
    expect(await lines([web], value(parseExpect('1-100', '--expect')), 'at-most')).toEqual([]);
    expect(await lines([web], value(parseExpect('', '--expect')), 'at-most')).toHaveLength(2);
  });

  it('name also what is missing, and what it is instead, when they must be exact', async () => {
    expect(await lines([web], value(parseExpect('22,80,443,700,2000', '--expect')), 'exactly')).toEqual([
      'missing: 443/tcp on web.example (10.0.0.5) is filtered (no-response)',
      'missing: 700/tcp on web.example (10.0.0.5) was not probed: the time ran out',
      'missing: 2000/tcp on web.example (10.0.0.5) was not part of the scan',
    ]);
  });

  it('do not do for a certificate that is about to end, in a scan that asks for certificates', async () => {
    const certificate = {
      subject: 'CN=web.example',
      issuer: 'CN=Example CA',
      names: ['web.example'],
      validFrom: epochMillis(SUBMITTED_AT - 60 * DAY),
      validTo: epochMillis(SUBMITTED_AT + 5 * DAY),
      selfSigned: false,
      key: 'EC prime256v1',
      serial: '01',
      fingerprint: 'AB',
    };
    const tls = { version: 'TLSv1.3', cipher: 'C', alpn: null, serverName: 'web.example', startTls: null, certificate };
    const secure = host('10.0.0.5', { names: ['web.example'], findings: [finding('10.0.0.5', 443, { tls })] });
    const expected = value(parseExpect('443', '--expect'));
    expect(await lines([secure], expected, 'at-most')).toEqual([]);
    expect(await lines([secure], expected, 'at-most', 'tls')).toEqual([
      'certificate: 443/tcp on web.example (10.0.0.5): CN=web.example, expires in 4 days',
    ]);
  });

  it('tell protocols apart', async () => {
    expect(await lines([web], value(parseExpect('U:22,T:80', '--expect')), 'at-most')).toHaveLength(1);
  });

  const file = `
ports: 22            # everywhere else
targets:
  web.example: "80,443"
  10.0.0.0/24: [22, "8000-8010", "U:53"]
  10.0.0.7:
  2001:db8::1: 22
`;

  it('are held to the closest rule, from a file', async () => {
    const expectation = value(await parseExpectFile(file, 'expect.yaml'));
    const on = (address: string, ...names: string[]): string =>
      formatPorts(expectedPorts(expectation, host(address, { names })));
    expect(on('10.0.0.5', 'web.example')).toBe('80,443');
    expect(on('10.0.0.5', 'other.example')).toBe('T:22,8000-8010,U:53');
    expect(on('10.0.0.7')).toBe('');
    expect(on('10.0.0.7', 'web.example')).toBe('80,443');
    expect(on('2001:db8::1')).toBe('22');
    expect(on('192.0.2.1')).toBe('22');
  });

  it('read JSON as they read YAML', async () => {
    const expectation = value(await parseExpectFile('{"targets": {"10.0.0.5": "22,80"}}', 'expect.json'));
    expect(formatPorts(expectedPorts(expectation, web))).toBe('22,80');
    expect(formatPorts(expectedPorts(expectation, host('10.0.0.6')))).toBe('');
  });

  it('notice a host that is not there, when they must be exact', async () => {
    const expectation = value(await parseExpectFile('targets: {db.example: 5432, 10.0.0.5: "22,80"}', 'expect.yaml'));
    expect(await lines([web], expectation, 'exactly')).toEqual(['missing: db.example is no host of this scan']);
    expect(await lines([web], expectation, 'at-most')).toEqual([]);
  });

  it('do not call a port open that only may be', async () => {
    const udp = host('10.0.0.1', { runs: [run(53, 53, 'open|filtered/no-response')] });
    expect(await lines([udp], value(parseExpect('', '--expect')), 'at-most')).toEqual([]);
  });

  it('tell every error of a file at once', async () => {
    expect(
      details(
        await parseExpectFile(
          'port: 22\ntargets:\n  10.0.0.300: 22\n  10.0.0.1: "99999"\n  10.0.0.2: {a: 1}\n',
          'e.yaml',
        ),
      ),
    ).toEqual([
      'EXPECTATION_UNREADABLE e.yaml: "port" is not known there.',
      expect.stringMatching(/^TARGET_UNREADABLE /),
      expect.stringMatching(/^PORT_OUT_OF_RANGE /),
      'EXPECTATION_UNREADABLE e.yaml: 10.0.0.2: ports are written as a number, as a text or as a list of both.',
    ]);
    expect(details(await parseExpectFile('targets: [', 'e.yaml'))[0]).toMatch(
      /^EXPECTATION_UNREADABLE e\.yaml: .* at line 1, column \d+/,
    );
    expect(details(await parseExpectFile('just text', 'e.yaml'))).toEqual([
      'EXPECTATION_UNREADABLE e.yaml: there is no "ports" and no "targets" in it.',
    ]);
    expect(details(await parseExpectFile('', 'e.yaml'))).toHaveLength(1);
    expect(details(await parseExpectFile('targets: [10.0.0.1]', 'e.yaml'))).toEqual([
      'EXPECTATION_UNREADABLE e.yaml: "targets" is not a list of targets with their ports.',
    ]);
    expect(details(await parseExpectFile('ports: &p [22]\ntargets: {10.0.0.1: *p}', 'e.yaml'))[0]).toContain(
      'EXPECTATION_UNREADABLE',
    );
  });

  it('are a file by the ending of its name', () => {
    expect(['expect.yaml', 'ci/expect.YML', 'a.json'].every(isExpectFile)).toBe(true);
    expect(['22,443', 'http', 'T:22'].some(isExpectFile)).toBe(false);
  });
});
