import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../shared/domain/finding.ts';
import { formatReport } from '../../shared/report/formats/format.ts';
import { identifyPorts } from '../helpers/identify.ts';
import { host, OPTIONS, report, tcp, whole } from '../helpers/sample-report.ts';
import { isInstalled, type RunningServer, runServer } from './run-server.ts';
import { openssh } from './servers/files-and-screens.ts';
import { nginxTls } from './servers/web.ts';

/** What a reader makes of the two services in the file. */
interface Read {
  readonly ssh: ReadService;
  readonly web: ReadService;
}

/** As far as the reader knows of such a thing; it leaves out what it has no place for. */
interface ReadService {
  readonly name: string;
  readonly product: string;
  readonly version: string;
  readonly tunnel?: string;
  readonly cpe?: readonly string[];
  readonly scripts?: Readonly<Record<string, string>>;
  /** What the importer of a manager of findings makes of it, as text. */
  readonly text?: string;
}

/** A program that reads nmap's XML, as others build their importers on; it prints what it read as JSON. */
interface Reader {
  readonly command: readonly string[];
  /** Exits with 0 where the reader is installed. */
  readonly probe: readonly string[];
  readonly script: string;
}

const LIBNMAP = `
import json, sys
from libnmap.parser import NmapParser
def told(s): return {'name': s.service, 'product': s.service_dict.get('product', ''), 'version': s.service_dict.get('version', ''),
  'tunnel': s.tunnel, 'cpe': [c.cpestring for c in s.cpelist], 'scripts': {r['id']: r['output'] for r in s.scripts_results}}
host = NmapParser.parse_fromfile(sys.argv[1]).hosts[0]
print(json.dumps({name: told(host.get_service(int(port))) for name, port in zip(('ssh', 'web'), sys.argv[2:])}))
`;

const PYTHON_NMAP = `
import json, sys, nmap
host = nmap.PortScanner().analyse_nmap_xml_scan(open(sys.argv[1]).read())['scan']['127.0.0.1']
def told(s): return {'name': s['name'], 'product': s['product'], 'version': s['version'], 'cpe': [s['cpe']], 'scripts': s.get('script', {})}
print(json.dumps({name: told(host['tcp'][int(port)]) for name, port in zip(('ssh', 'web'), sys.argv[2:])}))
`;

const NMAP_PARSER = `
use Nmap::Parser; use JSON::PP;
my ($file, @ports) = @ARGV; my $parser = new Nmap::Parser; $parser->parsefile($file);
my ($host) = $parser->all_hosts(); my %told;
for my $name ('ssh', 'web') {
  my $s = $host->tcp_service(shift @ports);
  $told{$name} = { name => $s->name, product => $s->product, version => $s->version, tunnel => $s->tunnel // '',
    scripts => { map { $_ => $s->scripts($_)->{output} } $s->scripts } };
}
print encode_json(\\%told);
`;

const FARADAY = `
import json, sys
from faraday_plugins.plugins.manager import PluginsManager
plugin = PluginsManager().get_plugin('nmap'); plugin.processReport(sys.argv[1])
found = {s['port']: s for h in json.loads(plugin.get_json())['hosts'] for s in h['services']}
def told(s): return {'name': s['name'], 'product': s['version'], 'version': s['version'], 'text': json.dumps(s)}
print(json.dumps({name: told(found[int(port)]) for name, port in zip(('ssh', 'web'), sys.argv[2:])}))
`;

const READERS: Readonly<Record<string, Reader>> = {
  'python-libnmap': { command: ['python3', '-c'], probe: ['python3', '-c', 'import libnmap'], script: LIBNMAP },
  'python-nmap': {
    command: ['/usr/bin/python3', '-c'],
    probe: ['/usr/bin/python3', '-c', 'import nmap; nmap.PortScanner()'],
    script: PYTHON_NMAP,
  },
  'Nmap::Parser': { command: ['perl', '-e'], probe: ['perl', '-MNmap::Parser', '-e', '1'], script: NMAP_PARSER },
  'the importer of Faraday': {
    command: ['python3', '-c'],
    probe: ['python3', '-c', 'import faraday_plugins'],
    script: FARADAY,
  },
};

/** Real certificates and host keys: two servers, and the report of their ports in nmap's XML. */
const running: RunningServer[] = [];
const found: { ssh?: Finding; web?: Finding; file: string } = { file: '' };
const canRun = isInstalled(openssh) && isInstalled(nginxTls);

beforeAll(async () => {
  if (!canRun) return;
  running.push(await runServer(openssh), await runServer(nginxTls));
  const ports = running.map(({ place }) => place.port);
  const { findings } = await identifyPorts(ports, { detect: 'tls', nameOf: () => 'localhost' });
  const [ssh, web] = ports.map((port) => findings.find((each) => each.port === port));
  if (ssh === undefined || web === undefined) throw new Error('a port was not identified');
  Object.assign(found, { ssh, web, file: join(running[0]?.place.dir ?? '', 'report.xml') });
  const hosts = [host('127.0.0.1', { names: ['localhost'], findings: [ssh, web] })];
  writeFileSync(found.file, await whole(formatReport('xml', report(hosts, tcp([1, 65_535])), OPTIONS)));
});

afterAll(async () => {
  for (const each of running) await each[Symbol.asyncDispose]();
});

function read({ command: [program = '', ...before], script }: Reader): Read {
  const ports = [found.ssh, found.web].map((each) => String(each?.port));
  return JSON.parse(execFileSync(program, [...before, script, found.file, ...ports], { encoding: 'utf8' }));
}

describe('a reader of nmap’s XML finds what it looks for', () => {
  for (const [name, reader] of Object.entries(READERS)) {
    const [program = '', ...words] = reader.probe;
    const isThere = spawnSync(program, words).status === 0;
    it.skipIf(!isThere || !canRun)(`${name}${isThere ? '' : ' (skipped: it is not installed)'}`, () => {
      const { ssh, web } = read(reader);
      expect(ssh.name).toBe('ssh');
      expect(web.name).toMatch(/^https?$/);
      expect(`${ssh.product} ${ssh.version}`).toContain(found.ssh?.service.version);
      expect(`${web.product} ${web.version}`).toContain(found.web?.service.version);
      expect(ssh.product).toContain('OpenSSH');
      expect(web.product).toContain('nginx');
      if (web.tunnel !== undefined) expect(web.tunnel).toBe('ssl');
      if (web.cpe !== undefined) expect(web.cpe.join()).toMatch(/^cpe:\/a:\w+:nginx:1\./);
      if (web.scripts === undefined) return;
      expect(web.scripts['ssl-cert']).toContain('Subject: organizationName=Portfleet/commonName=localhost');
      for (const { fingerprint } of found.ssh?.service.ssh?.hostKeys ?? [])
        expect(ssh.scripts?.['ssh-hostkey']).toContain(fingerprint);
    });
  }
});
