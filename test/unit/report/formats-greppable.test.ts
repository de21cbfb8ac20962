import { describe, expect, it } from 'vitest';
import { portSet } from '../../../shared/domain/port-set.ts';
import { formatReport } from '../../../shared/report/formats/format.ts';
import { finding, host, OPTIONS, port, report, run, whole } from '../../helpers/sample-report.ts';

describe('the greppable report', () => {
  it('is laid out as nmap’s: fields between tabs, seven parts a port, one ignored state', async () => {
    const ports = portSet(
      [
        [port(1), port(100)],
        [port(8080), port(8080)],
      ],
      [[port(53), port(53)]],
    );
    const hosts = [
      host('192.0.2.1', {
        names: ['web(1).example'],
        findings: [
          finding('192.0.2.1', 22, { service: { name: 'ssh', method: 'table' } }),
          finding('192.0.2.1', 80, {
            service: {
              name: 'http',
              method: 'probed',
              product: 'a/b, c',
              version: '1.0',
              info: 'x\ty',
              confidence: 10,
            },
          }),
          finding('192.0.2.1', 8080),
          finding('192.0.2.1', 53, { protocol: 'udp', service: { name: 'domain', method: 'table' } }),
        ],
        runs: [
          run(1, 21, 'closed/conn-refused'),
          run(23, 79, 'closed/conn-refused'),
          run(81, 100, 'closed/conn-refused'),
        ],
      }),
      host('192.0.2.2', { runs: [run(1, 100, 'filtered/host-unreach')] }),
      host('192.0.2.3', { runs: [run(1, 100, 'unprobed/cancelled')] }),
    ];
    const text = await whole(
      formatReport('greppable', report(hosts, ports, { scan: { status: 'cancelled' } }), {
        ...OPTIONS,
        args: 'portfleet\nscan',
      }),
    );
    expect(text.split('\n')).toEqual([
      '# Portfleet 0.1.0 scan initiated Sun Nov 22 14:20:08 2026 as: portfleet\\x0ascan',
      '# Ports scanned: TCP(101;1-100,8080) UDP(1;53) SCTP(0;) PROTOCOLS(0;)',
      'Host: 192.0.2.1 (web|1|.example)\tStatus: Up',
      'Host: 192.0.2.1 (web|1|.example)\tPorts: 22/open/tcp//ssh///, 80/open/tcp//http//a|b| c 1.0 (x\\x09y)/, 8080/open/tcp/////, 53/open/udp//domain///\tIgnored State: closed (98)',
      'Host: 192.0.2.2 ()\tStatus: Down',
      'Host: 192.0.2.2 ()\tPorts: \tIgnored State: filtered (100)',
      'Host: 192.0.2.3 ()\tStatus: Unknown',
      '# the scan was cancelled',
      '# Portfleet done at Sun Nov 22 14:20:24 2026 -- 3 IP addresses (1 host up) scanned in 16.14 seconds',
      '',
    ]);
  });
});
