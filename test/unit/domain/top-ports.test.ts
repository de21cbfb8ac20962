import { describe, expect, it } from 'vitest';
import { registeredPorts } from '../../../shared/domain/registry/services.ts';
import { rankedPorts, topPorts } from '../../../shared/domain/registry/top-ports.ts';

describe.each(['tcp', 'udp'] as const)('the ranking of %s ports', (protocol) => {
  it('has a hundred ports at least, and no port twice', () => {
    const ranked = rankedPorts(protocol);
    expect(ranked).toBeGreaterThanOrEqual(100);
    expect(new Set(topPorts(protocol, ranked)).size).toBe(ranked);
  });

  it('gives as many ports as are asked for, each shorter list the beginning of the longer', () => {
    const all = topPorts(protocol, 65_535);
    for (const count of [0, 1, 10, 100, 1000, 20_000]) {
      expect(topPorts(protocol, count)).toEqual(all.slice(0, count));
    }
  });

  it('goes on with the registered ports and ends with every port but 0', () => {
    const all = topPorts(protocol, 65_535);
    const ranked = new Set(topPorts(protocol, rankedPorts(protocol)));
    const registered = registeredPorts(protocol).filter((port) => !ranked.has(port));
    expect(all.slice(ranked.size, ranked.size + registered.length)).toEqual(registered);
    expect([...all].sort((a, b) => a - b)).toEqual(Array.from({ length: 65_535 }, (_, index) => index + 1));
    expect(topPorts(protocol, 70_000)).toHaveLength(65_535);
  });
});

it('puts the ports first that nearly every network shows', () => {
  expect(topPorts('tcp', 30)).toEqual(expect.arrayContaining([22, 80, 443, 445, 3389, 21, 23, 25, 3306, 8080]));
  expect(topPorts('udp', 20)).toEqual(expect.arrayContaining([53, 123, 161, 137, 500, 1900, 5353]));
});
