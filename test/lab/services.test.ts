import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { withLab } from '../../bench/lab/lab.ts';
import { labMissing } from '../../bench/lab/lab-missing.ts';
import { startLineProcess } from '../../bench/lab/line-process.ts';
import { type Address, millis, type PortNumber } from '../../shared/domain/units.ts';
import { identifyPorts, openFinding } from '../helpers/identify.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { makeCertificate } from '../helpers/tls-certificate.ts';

const missing = labMissing();
const HERE = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What is at the far end, by port; see `bench/lab/far-services`. */
const THERE = {
  21: 'ftp',
  22: 'ssh',
  23: 'telnet',
  25: 'smtp',
  53: 'dns',
  80: 'http',
  110: 'pop3',
  143: 'imap',
  389: 'ldap',
  443: 'http',
  445: 'smb',
  873: 'rsync',
  993: 'imap',
  3306: 'mysql',
  3389: 'rdp',
  5432: 'postgresql',
  5672: 'amqp',
  5900: 'vnc',
  6379: 'redis',
  11211: 'memcached',
};

describe.skipIf(missing)(`the second pass over a wire ${missing ? `(skipped: ${missing})` : ''}`, () => {
  it.each([{ rtt: 50 }, { rtt: 300 }, { rtt: 50, loss: 5 }])(
    'matches twenty services, whatever the distance and the loss: %j',
    async (wire) => {
      const certificate = makeCertificate('/CN=far.example', 'DNS:far.example', 90);
      const dir = tempDir();
      const paths = Object.entries(certificate).map(([name, text]) => {
        writeFileSync(join(dir, name), text);
        return join(dir, name);
      });
      await withLab(wire, async (lab) => {
        const [command = '', ...enter] = lab.enter;
        const program = ['--import', HERE('../../bench/load-typescript.mjs'), HERE('../../bench/lab/far-services.ts')];
        const far = startLineProcess(command, [...enter, process.execPath, ...program, ...paths]);
        const ports = (await far.line()).split(',').map(Number) as PortNumber[];
        const seen = ports.map((port) => ({
          ...openFinding(port),
          address: lab.address as Address,
          rtt: millis(wire.rtt),
        }));
        const { findings } = await identifyPorts(seen);
        await far.end();
        expect(Object.fromEntries(findings.map(({ port, service }) => [port, service.name]))).toEqual(THERE);
        expect(findings.filter(({ tls }) => tls).map(({ port }) => port as number)).toEqual(
          expect.arrayContaining([443, 993]),
        );
      });
    },
  );
});
