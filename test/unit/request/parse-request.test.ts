import { describe, expect, it } from 'vitest';
import { rangeOf } from '../../../shared/domain/addresses/address-line.ts';
import { portsOf } from '../../../shared/domain/port-list.ts';
import { countPorts, formatPorts, hasPort } from '../../../shared/domain/port-set.ts';
import { topPorts, usualPorts } from '../../../shared/domain/registry/top-ports.ts';
import { parseRequest, type RawRequest } from '../../../shared/request/parse-request.ts';
import { JSON_FIELDS } from '../../../shared/request/request-fields.ts';
import { blames, valid } from '../../helpers/valid.ts';

const parse = (raw: Partial<RawRequest>) => parseRequest({ targets: ['10.0.0.1'], ...raw });
const ports = (raw: Partial<RawRequest>) => formatPorts(valid(parse(raw)).ports);

describe('a request', () => {
  it('keeps names apart from addresses, each with its place', () => {
    const request = valid(
      parse({ targets: ['Example.com', '10.0.0.0/30', '::1'], exclude: ['10.0.0.2', 'gone.example'], family: 4 }),
    );
    expect(request.names).toEqual([
      { name: 'example.com', at: { field: 'target', text: 'Example.com', start: 0, end: 11 } },
    ]);
    expect(request.addresses.map(rangeOf)).toEqual([
      { first: '10.0.0.0', last: '10.0.0.3' },
      { first: '::1', last: '::1' },
    ]);
    expect(request.excluded.map(rangeOf)).toEqual([{ first: '10.0.0.2', last: '10.0.0.2' }]);
    expect(request.excludedNames.map(({ name, at }) => [name, at.field])).toEqual([['gone.example', '--exclude']]);
    expect(request.family).toBe(4);
  });

  it('probes every TCP port but 0 when no port is named', () => {
    expect(ports({})).toBe('1-65535');
    expect(valid(parse({})).request.ports).toBe('1-65535');
  });

  it('probes the ranked UDP ports when UDP is scanned and no port is named', () => {
    expect(countPorts(valid(parse({ protocols: ['udp'] })).ports)).toBe(usualPorts('udp').length);
    const { tcp, udp } = valid(parse({ protocols: ['tcp', 'udp'] })).ports;
    expect(tcp).toEqual([[1, 65_535]]);
    expect(countPorts({ tcp: [], udp })).toBe(usualPorts('udp').length);
  });

  it('probes as many of the best ports as are wanted, of each protocol', () => {
    const set = valid(parse({ topPorts: '3', protocols: ['tcp', 'udp'] })).ports;
    expect([...portsOf(set)]).toHaveLength(6);
    for (const protocol of ['tcp', 'udp'] as const) {
      for (const port of topPorts(protocol, 3)) expect(hasPort(set, protocol, port)).toBe(true);
    }
    expect(countPorts(valid(parse({ topPorts: 65_535 })).ports)).toBe(65_535);
  });

  it('leaves out the excluded ports', () => {
    expect(ports({ ports: '1-10', excludePorts: '3-4,10-20' })).toBe('1-2,5-9');
    expect(ports({ excludePorts: 'ssh,http' })).toBe('1-21,23-79,81-65535');
    expect(ports({ ports: '53,T:80', excludePorts: '53', protocols: ['udp'] })).toBe('80');
  });

  it('is kept in words that mean the same when it is read again', () => {
    expect(valid(parse({ ports: 'http, 22' })).request).toEqual({
      targets: ['10.0.0.1'],
      exclude: [],
      ports: 'http, 22',
    });
    expect(valid(parse({ ports: '53', protocols: ['udp'] })).request.ports).toBe('U:53');
    expect(valid(parse({ ports: '1-10', excludePorts: '5' })).request.ports).toBe('1-4,6-10');
    for (const raw of [{ ports: 'http*' }, { topPorts: 9 }, { ports: '53,T:22', protocols: ['udp'] as const }]) {
      const request = valid(parse(raw));
      expect(valid(parse({ ports: request.request.ports })).ports).toEqual(request.ports);
    }
  });

  it('has every error of every field told at once', () => {
    const errors = blames(
      parse({
        targets: ['10.0.0.256', '10.0.0.1', 'a b'],
        exclude: ['127.1'],
        ports: '99999,80',
        excludePorts: '9-8',
        timing: 'T9',
        rate: '0',
      }),
    );
    expect(errors.map(([code, place]) => [code, place])).toEqual([
      ['TARGET_UNREADABLE', '256'],
      ['TARGET_UNREADABLE', ' '],
      ['TARGET_UNREADABLE', '127.1'],
      ['PORT_OUT_OF_RANGE', '99999'],
      ['PORT_RANGE_REVERSED', '9-8'],
      ['OPTION_UNREADABLE', 'T9'],
      ['OPTION_UNREADABLE', '0'],
    ]);
  });

  it('has the errors of a word told where the word stood', () => {
    const result = parse({ targets: ['10.0.0.1', { text: 'foo!', field: 'hosts.txt:2' }] });
    expect(result.ok ? [] : result.errors.map(({ at }) => [at?.field, at?.start])).toEqual([['hosts.txt:2', 3]]);
  });

  it('without a target is refused', () => {
    expect(blames(parse({ targets: [] })).map(([code]) => code)).toEqual(['TARGET_NONE']);
  });

  it('may not name its ports in two ways', () => {
    expect(blames(parse({ ports: '80', topPorts: '10' })).map(([code]) => code)).toEqual(['OPTIONS_CONFLICT']);
    expect(blames(parse({ ports: '9-8', topPorts: 'x' })).map(([code]) => code)).toEqual([
      'PORT_RANGE_REVERSED',
      'OPTION_UNREADABLE',
      'OPTIONS_CONFLICT',
    ]);
  });

  it.each(['0', '65536', '-5', 'all', '1.5', ''])('may not ask for the %j best ports', (topPorts) => {
    expect(blames(parse({ topPorts }))).toEqual([
      ['OPTION_UNREADABLE', topPorts, 'Write a whole number from 1 to 65535.'],
    ]);
  });

  it('must leave a port to probe', () => {
    const nothing = 'Exclude fewer ports, or ask for more.';
    expect(blames(parse({ ports: '80', excludePorts: '1-100' }))).toEqual([['PORTS_NONE', '1-100', nothing]]);
    expect(blames(parse({ ports: '[4]' }))).toEqual([['PORTS_NONE', '[4]', nothing]]);
  });

  it('names its fields as they are called where it was written', () => {
    const result = parseRequest({ targets: ['a b'], ports: 'x!', timeout: 'x' }, JSON_FIELDS);
    expect(result.ok ? [] : result.errors.map(({ at }) => at?.field)).toEqual(['targets', 'ports', 'timeout']);
  });
});
