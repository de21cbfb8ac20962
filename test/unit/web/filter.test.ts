import { describe, expect, it } from 'vitest';
import type { FindingResource } from '../../../shared/api/resources/port-resource.ts';
import { portResource } from '../../../shared/api/resources/port-resource.ts';
import { parseFilter } from '../../../web/findings/filter.ts';
import { sampleFinding } from '../../helpers/sample-scan.ts';

const finding = (port: number, service: Partial<FindingResource['service']> = {}): FindingResource =>
  portResource({
    kind: 'finding',
    finding: sampleFinding(port, { service: { name: 'http', method: 'probed', ...service } }),
  }) as FindingResource;

const FINDINGS = [
  finding(22, { name: 'ssh', product: 'OpenSSH', version: '9.6' }),
  finding(80, { product: 'nginx', info: 'Welcome page' }),
  finding(8_080, { product: 'Apache httpd' }),
];

const namesOf = (): readonly string[] => ['web.internal'];

const portsOf = (text: string): number[] => {
  const { passes } = parseFilter(text, namesOf);
  return FINDINGS.filter((each) => passes(each, 0)).map(({ port }) => port);
};

describe('The filter of findings', () => {
  it('lets everything through while it is empty', () => {
    expect(portsOf('')).toEqual([22, 80, 8_080]);
  });

  it('takes fields, ranges, free text and quotes, all of which must hold', () => {
    expect(portsOf('service:http port:1-100')).toEqual([80]);
    expect(portsOf('port:22,8000-9000')).toEqual([22, 8_080]);
    expect(portsOf('openssh')).toEqual([22]);
    expect(portsOf('"welcome page"')).toEqual([80]);
    expect(portsOf('host:web.internal state:open')).toEqual([22, 80, 8_080]);
  });

  it('turns a term round after a minus', () => {
    expect(portsOf('-product:nginx')).toEqual([22, 8_080]);
    expect(portsOf('-service:http')).toEqual([22]);
  });

  it('says what to write where a term cannot be read, and filters by the others', () => {
    const { errors } = parseFilter('colour:red port:x service:ssh', namesOf);
    expect(errors.map(({ start, end }) => [start, end])).toEqual([
      [0, 10],
      [11, 17],
    ]);
    expect(portsOf('colour:red service:ssh')).toEqual([22]);
  });

  it('counts the days that a certificate has left', () => {
    const day = 86_400_000;
    const tls = { certificate: { validTo: 20 * day } } as unknown as NonNullable<FindingResource['tls']>;
    const expiring = { ...finding(443), tls };
    const { passes } = parseFilter('cert:<30d', namesOf);
    expect([passes(expiring, 0), passes(finding(80), 0)]).toEqual([true, false]);
    expect(parseFilter('cert:>30', namesOf).passes(expiring, 0)).toBe(false);
  });
});
