import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '../../../shared/domain/errors.ts';
import { portsOf } from '../../../shared/domain/port-list.ts';
import { countPorts, formatPorts, type PortRange, type PortSet, portSet } from '../../../shared/domain/port-set.ts';
import type { Protocol } from '../../../shared/domain/probe.ts';
import { serviceName } from '../../../shared/domain/registry/services.ts';
import { HIGHEST_PORT } from '../../../shared/domain/units.ts';
import { parsePorts } from '../../../shared/request/parse-ports.ts';
import { blames, errorsOf, valid } from '../../helpers/valid.ts';

const parse = (text: string, protocols?: readonly Protocol[]) => parsePorts(text, '--ports', protocols);
const formatted = (text: string, protocols?: readonly Protocol[]) => formatPorts(valid(parse(text, protocols)));

/** Few different ports, so that ranges meet, touch and overlap; both ends of the space among them. */
const port = fc.oneof(
  fc.integer({ min: 0, max: 30 }),
  fc.integer({ min: 65_510, max: HIGHEST_PORT }),
  fc.nat(HIGHEST_PORT),
);
const portRange = fc
  .tuple(port, port)
  .map(([a, b]): PortRange => [Math.min(a, b), Math.max(a, b)] as unknown as PortRange);
const anyPortSet = fc.tuple(fc.array(portRange), fc.array(portRange)).map(([tcp, udp]) => portSet(tcp, udp));

/** An item as a reader understands it, and as a user may write it. */
interface Item {
  readonly first: number;
  readonly last: number;
  readonly text: string;
}
const item: fc.Arbitrary<Item> = fc.oneof(
  port.map((only) => ({ first: only, last: only, text: `${only}` })),
  portRange.map(([first, last]) => ({ first, last, text: `${first}-${last}` })),
  portRange.map(([first, last]) => ({ first, last, text: `0${first} - ${last}` })),
  fc.integer({ min: 1, max: HIGHEST_PORT }).map((last) => ({ first: 1, last, text: `-${last}` })),
  port.map((first) => ({ first, last: HIGHEST_PORT, text: `${first}-` })),
  fc.constant({ first: 1, last: HIGHEST_PORT, text: '-' }),
);
const prefix = fc.constantFrom('', '', '', 'T:', 'U:', 'u: ');
const space = fc.constantFrom('', '', ' ', '  ');

/** One byte for each port, 1 where it is asked: first those of TCP, then those of UDP. */
const COUNT = HIGHEST_PORT + 1;
const START = { tcp: 0, udp: COUNT };

/** What the items mean, as slowly as possible. */
function meant(items: readonly (readonly [prefix: string, item: Item])[]): Uint8Array {
  const asked = new Uint8Array(2 * COUNT);
  let protocol: Protocol = 'tcp';
  for (const [written, { first, last }] of items) {
    if (written !== '') protocol = written.startsWith('T') ? 'tcp' : 'udp';
    for (let each = first; each <= last; each++) asked[START[protocol] + each] = 1;
  }
  return asked;
}

function marked(set: PortSet): Uint8Array {
  const asked = new Uint8Array(2 * COUNT);
  for (const { protocol, port: number } of portsOf(set)) asked[START[protocol] + number] = 1;
  return asked;
}

describe('a port specification', () => {
  it('means what its items mean one by one, whatever their order, overlaps and spaces', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(prefix, item, space, space), { minLength: 1, maxLength: 6 }), (items) => {
        const text = items.map(([before, { text: word }, left, right]) => left + before + word + right).join(',');
        const set = valid(parse(text));
        const expected = meant(items.map(([before, each]) => [before, each]));
        expect(countPorts(set)).toBe(expected.filter((asked) => asked === 1).length);
        expect(Buffer.compare(marked(set), expected)).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it('is read back from its written form as the same set', () => {
    fc.assert(
      fc.property(anyPortSet, (set) => {
        fc.pre(countPorts(set) > 0);
        expect(valid(parse(formatPorts(set)))).toEqual(set);
      }),
    );
  });

  it('never throws, and each error points into the text', () => {
    const text = fc.string({ unit: fc.constantFrom(...'0123456789-,:TUhtp*?[] /;–ü'), maxLength: 20 });
    fc.assert(
      fc.property(text, (written) => {
        const result = parse(written);
        for (const { at } of result.ok ? [] : result.errors) {
          expect(at).toMatchObject({ field: '--ports', text: written });
          expect(0 <= (at?.start ?? -1) && (at?.start ?? 0) <= (at?.end ?? -1)).toBe(true);
          expect(at?.end).toBeLessThanOrEqual(written.length);
        }
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['22,80,8000-9000', '22,80,8000-9000'],
    ['80,22,80,21-23', '21-23,80'],
    ['-', '1-65535'],
    ['-1024', '1-1024'],
    ['0-1024', '0-1024'],
    ['0', '0'],
    ['60000-', '60000-65535'],
    ['T:443,U:53', 'T:443,U:53'],
    ['U:53,T:80,90', 'T:80,90,U:53'],
    ['80,U:53,123', 'T:80,U:53,123'],
    ['http,ssh', '22,80'],
    ['HTTP', '80'],
    ['U:domain,tftp', 'U:53,69'],
    ['elasticsearch', '9200'],
    [' 22 , 80 ', '22,80'],
    ['8000 - 9000', '8000-9000'],
    ['0022', '22'],
  ])('%j means %s', (text, expected) => {
    expect(formatted(text)).toBe(expected);
  });

  it('takes a wildcard for every service whose name fits', () => {
    const ports = new Set([...portsOf(valid(parse('http*')))].map((each) => each.port as number));
    for (const expected of [80, 443, 8080, 8008, 591]) expect(ports).toContain(expected);
    expect(ports).not.toContain(22);
    expect(formatted('ss?')).toContain('22');
  });

  it('means only registered ports between brackets, over several items', () => {
    const ports = [...portsOf(valid(parse('[1-30,3306],31')))].map((each) => each.port as number);
    expect(ports).toEqual(
      [...Array(30).keys()]
        .map((each) => each + 1)
        .filter(isRegistered)
        .concat(31, 3306),
    );
    expect(countPorts(valid(parse('[4]')))).toBe(0);
    expect(formatted('T:[-22],U:[520]')).toMatch(/^T:1,5,.*,U:520$/);
  });

  it('is of the protocols of the scan until a prefix says otherwise', () => {
    expect(formatted('53', ['udp'])).toBe('U:53');
    expect(formatted('53,T:80', ['udp'])).toBe('T:80,U:53');
    expect(formatted('53,U:161', ['tcp', 'udp'])).toBe('T:53,U:53,161');
    expect(formatted('ntp', ['tcp', 'udp'])).toBe('T:123,U:123');
  });
});

const isRegistered = (number: number) => serviceName('tcp', number) !== 'unavailable';
const { PORTS_UNREADABLE, PORT_OUT_OF_RANGE, PORT_NAME_UNKNOWN } = ERRORS;

describe('what is wrong with a port specification', () => {
  it('is told all at once, each at its place', () => {
    expect(blames(parse('22,htpp, 99999,9000-8000,x!y'))).toEqual([
      ['PORT_NAME_UNKNOWN', 'htpp', 'Did you mean "http"?'],
      ['PORT_OUT_OF_RANGE', '99999', PORT_OUT_OF_RANGE.hint],
      ['PORT_RANGE_REVERSED', '9000-8000', 'Did you mean "8000-9000"?'],
      ['PORTS_UNREADABLE', 'x!y', PORTS_UNREADABLE.hint],
    ]);
  });

  it.each([
    ['65536', '65536', PORT_OUT_OF_RANGE.hint],
    ['60000-70000', '70000', 'Did you mean "60000-65535"?'],
    ['70000-80', '70000', PORT_OUT_OF_RANGE.hint],
    ['22,123456789012345678901234567890', '123456789012345678901234567890', PORT_OUT_OF_RANGE.hint],
  ])('%s is out of range at %s', (text, place, hint) => {
    expect(blames(parse(text))).toEqual([['PORT_OUT_OF_RANGE', place, hint]]);
  });

  it('is both ends of a range when both are out of range', () => {
    expect(blames(parse('70000-70000')).map(([, place]) => place)).toEqual(['70000', '70000']);
    const result = parse('70000-70000');
    expect(result.ok ? [] : result.errors.map(({ at }) => at?.start)).toEqual([0, 6]);
  });

  it('is a range down to a port 0 that was not written', () => {
    expect(blames(parse('-0'))).toEqual([['PORT_RANGE_REVERSED', '-0', 'Write "0" for port 0.']]);
  });

  it.each([
    ['80:90', '80-90'],
    ['8000..9000', '8000-9000'],
    ['80–90', '80-90'],
    ['80/tcp', 'T:80'],
    ['53/udp', 'U:53'],
    ['22 80', '22,80'],
    ['22;80', '22,80'],
    ['"80"', '80'],
    ['+80', '80'],
  ])('is %s, for which one writes %s here', (text, meantText) => {
    expect(blames(parse(text))).toEqual([['PORTS_UNREADABLE', text, `Did you mean "${meantText}"?`]]);
  });

  it('offers no guess that could not be read either', () => {
    expect(blames(parse('80:99999'))).toEqual([['PORTS_UNREADABLE', '80:99999', PORTS_UNREADABLE.hint]]);
  });

  it.each([
    ['htp', 'Did you mean "http"?'],
    ['telent', 'Did you mean "telnet"?'],
    ['elsaticsaerch', 'Did you mean "elasticsearch"?'],
    ['U:dhcps-erver', 'Did you mean "dhcp-server"?'],
    ['no-such-service', PORT_NAME_UNKNOWN.hint],
    ['nosuch*', PORT_NAME_UNKNOWN.hint],
    ['snmp-tcp-only', PORT_NAME_UNKNOWN.hint],
    ['U:redis', 'Write "T:redis".'],
    ['biff', 'Write "U:biff".'],
  ])('is the service name %s', (text, hint) => {
    expect(blames(parse(text))).toEqual([['PORT_NAME_UNKNOWN', text.replace('U:', ''), hint]]);
  });

  it('is shown in a piece of it where it is long', () => {
    const [error] = errorsOf(parse(`22,${'x'.repeat(5_000)},80`));
    expect(error?.detail.length).toBeLessThan(170);
    expect(error?.at).toEqual({ field: '--ports', text: `22,${'x'.repeat(157)}…`, start: 3, end: 160 });
  });

  it('is a missing port between two commas, which it leaves out for you', () => {
    expect(blames(parse('22,,80'))).toEqual([['PORTS_UNREADABLE', '', 'Write "22,80".']]);
    const result = parse('22,,80');
    expect(result.ok ? undefined : result.errors[0]?.at?.start).toBe(3);
    expect(blames(parse(''))).toEqual([['PORTS_UNREADABLE', '', PORTS_UNREADABLE.hint]]);
  });

  it.each([
    ['T:', 'T:', PORTS_UNREADABLE.hint],
    ['S:36412', 'S', 'Write "T:" for TCP, "U:" for UDP.'],
    ['80,[443', '[443', 'Write "80,[443]".'],
    ['80]', '80]', PORTS_UNREADABLE.hint],
    ['[[80]]', '[80]', PORTS_UNREADABLE.hint],
    ['[T:80]', 'T:80', PORTS_UNREADABLE.hint],
  ])('is the form of %s', (text, place, hint) => {
    expect(blames(parse(text))).toEqual([['PORTS_UNREADABLE', place, hint]]);
  });
});
