import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { probeAt } from '../../../shared/domain/chunk.ts';
import type { PortAt } from '../../../shared/domain/port-set.ts';
import { topPorts } from '../../../shared/domain/registry/top-ports.ts';
import { type Address, type PortNumber, seed } from '../../../shared/domain/units.ts';
import { probeOrder } from '../../../shared/plan/probe-order.ts';
import { chunkOf, tcp } from '../../helpers/run-engine.ts';
import { udp } from '../../helpers/udp-ports.ts';

const hosts = (count: number): Address[] =>
  Array.from({ length: count }, (_, index) => `127.0.0.${index + 1}` as Address);

function asked(ports: readonly PortAt[], addresses: readonly Address[], seedNumber = 1): string[] {
  const chunk = chunkOf(ports, addresses);
  const order = probeOrder(chunk, seed(seedNumber));
  return Array.from({ length: chunk.size }, (_, index) => {
    const probe = probeAt(chunk, order(index));
    return `${probe?.address} ${probe?.protocol}/${probe?.port}`;
  });
}

describe('the order of probes', () => {
  it('goes from the lowest port to the highest, each at every address, where it is to be in order', () => {
    const chunk = chunkOf([...tcp(1, 80, 443), ...udp(53)], hosts(2));
    const order = probeOrder(chunk, seed(1), 'ascending');
    const all = Array.from({ length: chunk.size }, (_, index) => probeAt(chunk, order(index)));
    expect(all.map((probe) => `${probe?.address.at(-1)}:${probe?.protocol}/${probe?.port}`)).toEqual(
      ['tcp/1', 'tcp/80', 'tcp/443', 'udp/53'].flatMap((port) => [`1:${port}`, `2:${port}`]),
    );
  });

  it('visits every probe exactly once, whatever the chunk', () => {
    const port = fc.record({
      protocol: fc.constantFrom('tcp' as const, 'udp' as const),
      port: fc.integer({ min: 0, max: 600 }).map((value) => value as PortNumber),
    });
    const ports = fc.uniqueArray(port, { maxLength: 40, selector: ({ protocol, port }) => `${protocol}/${port}` });
    fc.assert(
      fc.property(ports, fc.integer({ min: 1, max: 5 }), fc.nat(), (chosen, count, number) => {
        const order = asked(chosen, hosts(count), number);
        expect(new Set(order).size).toBe(chosen.length * count);
      }),
    );
  });

  it('has the ranked UDP ports first, best first, and at all addresses before the next', () => {
    const order = asked([...tcp(80), ...udp(9, 53, 123, 40_000)], hosts(2));
    expect(order.slice(0, 6).map((probe) => probe.split(' ')[1])).toEqual([
      'udp/123',
      'udp/123',
      'udp/53',
      'udp/53',
      'udp/9',
      'udp/9',
    ]);
  });

  it('keeps the rank of all the ports that are probed when none are named', () => {
    const ranked = topPorts('udp', 100);
    const sorted = [...ranked].sort((a, b) => a - b);
    const order = asked(udp(...sorted), hosts(1));
    expect(order).toEqual(ranked.map((port) => `127.0.0.1 udp/${port}`));
  });

  it('has the likeliest TCP ports of a single address first, and everything else once', () => {
    const ports = tcp(...Array.from({ length: 2_000 }, (_, index) => index + 1));
    const order = asked(ports, hosts(1));
    const likeliest = topPorts('tcp', 32).filter((port) => port <= 2_000);
    expect(new Set(order.slice(0, likeliest.length))).toEqual(
      new Set(likeliest.map((port) => `127.0.0.1 tcp/${port}`)),
    );
    expect(new Set(order).size).toBe(2_000);
    expect(asked(ports, hosts(2)).slice(0, 5)).not.toEqual(asked(ports, hosts(1)).slice(0, 5));
  });

  it('shuffles what is not ranked, and differently for another seed', () => {
    const ports = tcp(...Array.from({ length: 200 }, (_, index) => index + 1));
    expect(asked(ports, hosts(1), 1)).not.toEqual(asked(ports, hosts(1), 2));
    expect(asked(ports, hosts(1), 1)).not.toEqual([...asked(ports, hosts(1), 1)].sort());
  });

  it('is the same each time the chunk is rebuilt', () => {
    const ports = udp(...Array.from({ length: 300 }, (_, index) => index + 1));
    expect(asked(ports, hosts(3), 7)).toEqual(asked(ports, hosts(3), 7));
  });
});
