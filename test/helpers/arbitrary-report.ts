import fc from 'fast-check';
import type { Finding, Service } from '../../shared/domain/finding.ts';
import { portsOf } from '../../shared/domain/port-list.ts';
import { type PortSet, portSet } from '../../shared/domain/port-set.ts';
import type { HostReport, PortRun, Report } from '../../shared/domain/report.ts';
import type { TlsFacts } from '../../shared/domain/tls-facts.ts';
import { type Address, epochMillis, millis } from '../../shared/domain/units.ts';
import { VERDICTS, type Verdict } from '../../shared/domain/verdict.ts';
import { port, report, SUBMITTED_AT } from './sample-report.ts';

/** Characters that have broken a parser somewhere. */
export const HOSTILE = [
  '\u0000',
  '\u0007',
  '\u001b',
  '\u009b',
  '\r',
  '\n',
  '\t',
  '"',
  "'",
  ',',
  ';',
  '|',
  '/',
  '\\',
  '&',
  '<',
  '>',
  '--',
  ']]>',
  '-->',
  '&#0;',
  '&lt;',
  '<!ENTITY',
  '=',
  '+',
  '-',
  '@',
  '＝',
  '\u202e',
  '\u2028',
  '\ufeff',
  '\ufffe',
  '\ud800',
  '\udc00',
  '😀',
  'ü',
  '日本',
  '#{',
  '{{',
  '</script>',
  '\u007f',
];

/** Any code point but half a pair. fast-check's own unit for them lays a table of all 1.1 million out first. */
const character = fc
  .nat(0x10_ffff)
  .filter((point) => point < 0xd800 || point > 0xdfff)
  .map((point) => String.fromCodePoint(point));

const shortText = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: character, maxLength: 4 })), {
    minLength: 1,
    maxLength: 12,
  })
  .map((parts) => parts.join(''));

/** 64 KB at once; seldom, because a report may hold it a hundred times. */
const longText = fc.constantFrom(...HOSTILE).map((part) => part.repeat(65_536 / part.length));

export const hostileText = fc
  .oneof({ weight: 60, arbitrary: shortText }, { weight: 1, arbitrary: longText })
  .filter((text) => text !== '');

/** One time in two without a value: `freq` is how seldom it has none. */
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 2 });

/** A property only where there is a value: `exactOptionalPropertyTypes`. */
const present = <Value extends object>(value: Value): Value =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Value;

const service: fc.Arbitrary<Service> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      name: fc.constantFrom('ssh', 'http', 'unavailable'),
      method: fc.constant('table' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ name: hostileText, method: fc.constant('table' as const) }) },
  {
    weight: 1,
    arbitrary: fc
      .record({
        name: hostileText,
        method: fc.constant('probed' as const),
        product: maybe(hostileText),
        version: maybe(hostileText),
        info: maybe(hostileText),
        confidence: fc.nat(10),
      })
      .map((each) => present(each) as Service),
  },
);

const moment = fc.nat(4_000_000_000).map((seconds) => epochMillis(seconds * 1000));

const tls: fc.Arbitrary<TlsFacts> = fc
  .record({
    ephemeralKey: maybe(fc.constantFrom('DH 1024', 'ECDH X25519')),
    version: fc.constantFrom('TLSv1', 'TLSv1.3'),
    cipher: fc.constantFrom('TLS_AES_128_GCM_SHA256', 'TLS_RSA_WITH_3DES_EDE_CBC_SHA'),
    alpn: fc.option(fc.constant('h2')),
    serverName: fc.option(shortText),
    startTls: fc.option(fc.constant('smtp')),
    certificate: fc.option(
      fc.record(
        {
          subject: shortText,
          issuer: shortText,
          names: fc.array(shortText, { maxLength: 3 }),
          validFrom: moment,
          validTo: moment,
          selfSigned: fc.boolean(),
          key: fc.constant('EC prime256v1'),
          serial: fc.constant('0A'),
          fingerprint: fc.constant('AB:CD'),
          signature: fc.constantFrom('SHA1 RSA', 'SHA256 ECDSA'),
          chain: fc.array(shortText, { maxLength: 2 }),
          issuers: fc.array(
            fc.record({ subject: shortText, issuer: shortText, validTo: moment, fingerprint: fc.constant('EF') }),
            { minLength: 1, maxLength: 2 },
          ),
        },
        {
          requiredKeys: [
            'subject',
            'issuer',
            'names',
            'validFrom',
            'validTo',
            'selfSigned',
            'key',
            'serial',
            'fingerprint',
          ],
        },
      ),
    ),
  })
  .map((each) => present(each) as TlsFacts);

const latin1 = fc.uint8Array({ maxLength: 20 }).map((bytes) => String.fromCharCode(...bytes));

/** What an open port told when it was asked, if it was. */
const told = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc
      .record({ banner: latin1, tls: maybe(tls) })
      .map((each) => present(each) as Pick<Finding, 'banner' | 'tls'>),
  },
);

const addresses = fc.uniqueArray(
  fc.oneof(
    fc.nat(255).map((last) => `192.0.2.${last}`),
    fc.nat(0xfffe).map((last) => `2001:db8::${(last + 1).toString(16)}`),
  ),
  { minLength: 1, maxLength: 4 },
);

const ranges = fc
  .array(fc.tuple(fc.nat(65_535), fc.nat(40)), { maxLength: 4 })
  .map((pairs) => pairs.map(([first, length]) => [port(first), port(Math.min(65_535, first + length))] as const));

const ports = fc
  .tuple(ranges, ranges)
  .map(([tcp, udp]) => portSet(tcp, udp))
  .filter((set) => set.tcp.length + set.udp.length > 0);

interface Cell {
  readonly verdict: Verdict;
  readonly service: Service;
  readonly told: Pick<Finding, 'banner' | 'tls'>;
  readonly seen: number;
  readonly rtt: number;
  readonly attempt: number;
}

const cell = fc.record({
  verdict: fc.constantFrom(...VERDICTS.filter((each) => !['pending', 'unprobed/not-recorded'].includes(each))),
  service,
  told,
  seen: fc.nat(100_000_000),
  rtt: fc.nat(10_000_000).map((micros) => micros / 1000),
  attempt: fc.integer({ min: 1, max: 10 }),
});

/** Verdicts that the protocol can have: a TCP port never answers `udp-response`. */
function fitting(verdict: Verdict, protocol: 'tcp' | 'udp'): Verdict {
  if (verdict.startsWith('open/')) return protocol === 'tcp' ? 'open/syn-ack' : 'open/udp-response';
  if (verdict.startsWith('closed/')) return protocol === 'tcp' ? 'closed/conn-refused' : 'closed/port-unreach';
  return verdict;
}

function hostOf(address: string, names: readonly string[], set: PortSet, cells: readonly Cell[]): HostReport {
  const findings: Finding[] = [];
  const runs: { -readonly [Key in keyof PortRun]: PortRun[Key] }[] = [];
  let joins = false;
  let index = 0;
  for (const at of portsOf(set)) {
    // Few cells over many ports: long runs, as in life.
    const each = cells[Math.floor(index++ / 7) % cells.length] ?? cells[0];
    if (!each) break;
    const verdict = fitting(each.verdict, at.protocol);
    const last = runs.at(-1);
    if (verdict.startsWith('open/')) {
      const reason = at.protocol === 'tcp' ? 'syn-ack' : 'udp-response';
      const [seenAt, rtt] = [epochMillis(SUBMITTED_AT + each.seen), millis(each.rtt)];
      findings.push({
        address: address as Address,
        ...at,
        state: 'open',
        reason,
        service: each.service,
        seenAt,
        rtt,
        attempt: each.attempt,
        ...each.told,
      });
      joins = false;
    } else if (joins && last?.protocol === at.protocol && last.verdict === verdict) {
      last.last = at.port;
      last.count++;
    } else {
      runs.push({ protocol: at.protocol, first: at.port, last: at.port, count: 1, verdict });
      joins = true;
    }
  }
  return { address: address as Address, names, findings, runs };
}

export interface ArbitraryReport {
  readonly hosts: readonly HostReport[];
  readonly make: () => Report;
}

/** A finished scan of some ports at some hosts, with every verdict there is and texts that nobody should trust. */
export const arbitraryReport: fc.Arbitrary<ArbitraryReport> = fc
  .tuple(
    addresses,
    ports,
    fc.array(fc.tuple(fc.array(hostileText, { maxLength: 2 }), fc.array(cell, { minLength: 1, maxLength: 6 })), {
      minLength: 4,
      maxLength: 4,
    }),
  )
  .map(([list, set, perHost]) => {
    const hosts = list.map((address, index) => {
      const [names, cells] = perHost[index] ?? [[], []];
      return hostOf(address, [...new Set(names)], set, cells);
    });
    return { hosts, make: () => report(hosts, set) };
  });
