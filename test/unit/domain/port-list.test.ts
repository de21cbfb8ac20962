import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PortList, portsInRow, portsOf } from '../../../shared/domain/port-list.ts';
import {
  countPorts,
  EVERY_TCP_PORT,
  hasPort,
  type PortAt,
  type PortRange,
  type PortSet,
  portSet,
} from '../../../shared/domain/port-set.ts';
import type { PortNumber } from '../../../shared/domain/units.ts';

const range = fc
  .tuple(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 30 }))
  .map(([first, more]) => [first, first + more] as unknown as PortRange);
const set = fc
  .tuple(fc.array(range, { maxLength: 6 }), fc.array(range, { maxLength: 6 }))
  .map(([tcp, udp]) => portSet(tcp, udp));

/** The ports of a set found in another way: each that there may be is asked for. */
const everyPort = (ports: PortSet): PortAt[] =>
  (['tcp', 'udp'] as const).flatMap((protocol) =>
    Array.from({ length: 1_000 }, (_, port) => ({ protocol, port: port as PortNumber })).filter(({ port }) =>
      hasPort(ports, protocol, port),
    ),
  );

const atEach = (list: PortList): (PortAt | undefined)[] =>
  Array.from({ length: list.length }, (_, place) => list.at(place));

describe('a list of ports', () => {
  it('holds a slice of a set in its order, and finds each port at its place', () => {
    fc.assert(
      fc.property(set, fc.nat(200), fc.nat(200), (ports, skip, count) => {
        const slice = everyPort(ports).slice(skip, skip + count);
        const list = portsOf(ports, skip, count);
        expect(list.length).toBe(slice.length);
        expect(atEach(list)).toEqual(slice);
        expect([...list]).toEqual(slice);
        expect(slice.map((port) => list.placeOf(port))).toEqual([...slice.keys()]);
        expect(list.udpFrom).toBe(slice.filter(({ protocol }) => protocol === 'tcp').length);
      }),
    );
  });

  it('finds no port that lies beside the slice, and has none before its beginning or behind its end', () => {
    fc.assert(
      fc.property(set, fc.nat(100), fc.nat(100), (ports, skip, count) => {
        const list = portsOf(ports, skip, count);
        const [all, own] = [everyPort(ports), new Set([...list].map(({ protocol, port }) => `${protocol}/${port}`))];
        const others = all.filter(({ protocol, port }) => !own.has(`${protocol}/${port}`));
        expect(others.filter((port) => list.placeOf(port) !== undefined)).toEqual([]);
        expect([list.at(-1), list.at(list.length)]).toEqual([undefined, undefined]);
      }),
    );
  });

  it('takes ports as they stand, in whatever order', () => {
    const ports = [9, 7, 8].map((port) => ({ protocol: 'tcp' as const, port: port as PortNumber }));
    expect(atEach(portsInRow(ports))).toEqual(ports);
    expect([...portsInRow([])]).toEqual([]);
  });

  it('holds every port there is, in one piece', () => {
    const list = portsOf(EVERY_TCP_PORT, 0, countPorts(EVERY_TCP_PORT));
    expect([list.length, list.at(0)?.port, list.at(65_534)?.port]).toEqual([65_535, 1, 65_535]);
  });
});
