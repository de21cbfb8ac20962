import { describe, expect, it } from 'vitest';
import { SHARES, SURVEYED_TCP, SURVEYED_UDP } from '../../../shared/domain/registry/port-rank-table.ts';
import { registeredPorts } from '../../../shared/domain/registry/services.ts';
import { groupedPorts, topPorts, usualPorts } from '../../../shared/domain/registry/top-ports.ts';
import { expectInDocs } from '../../helpers/docs.ts';

const SURVEYED = { tcp: SURVEYED_TCP, udp: SURVEYED_UDP };
const surveyOf = (protocol: 'tcp' | 'udp'): number[] => SURVEYED[protocol].trim().split(/\s+/).map(Number);

/**
 * The least that the first `count` ports of ours can hold of all that the survey found open. It is known what the first
 * 20, 100 and 1,000 of the survey hold together, and that each port holds no more than the one before it: so those that
 * we leave out of a band, which stand rather at its end, hold no more than their part of it.
 */
function leastShare(protocol: 'tcp' | 'udp', count: number): number {
  const ours = new Set<number>(topPorts(protocol, count));
  const survey = surveyOf(protocol);
  let [share, from, before] = [0, 0, 0];
  for (const [to, cumulative] of SHARES[protocol]) {
    if (from >= count) break;
    const band = survey.slice(from, to);
    const missing = band.filter((port) => !ours.has(port));
    // At any place of the band no more has been left out than would be, were it left out evenly.
    for (const [nth, port] of missing.entries()) {
      expect((nth + 1) * band.length).toBeLessThanOrEqual((band.indexOf(port) + 1) * missing.length);
    }
    share += (cumulative - before) * (1 - missing.length / band.length);
    [from, before] = [to, cumulative];
  }
  return share;
}

describe.each(['tcp', 'udp'] as const)('the ranking of %s ports', (protocol) => {
  const shares: readonly (readonly [count: number, share: number])[] = SHARES[protocol];

  it.each(shares)('holds with its first %i ports 97 percent of the share of the survey, %d', (count, share) => {
    expect(leastShare(protocol, count)).toBeGreaterThanOrEqual(0.97 * share);
  });

  it('has all of our groups within the first 1,000, a hundred ports at least', () => {
    const first = new Set(topPorts(protocol, 1_000));
    expect(groupedPorts(protocol).filter((port) => !first.has(port))).toEqual([]);
    expect(groupedPorts(protocol).length).toBeGreaterThanOrEqual(100);
  });

  it('gives as many ports as are asked for, each shorter list the beginning of the longer', () => {
    const all = topPorts(protocol, 65_535);
    for (const count of [0, 1, 10, 100, 1000, 20_000]) {
      expect(topPorts(protocol, count)).toEqual(all.slice(0, count));
    }
  });

  it('goes on with the registered ports and ends with every port but 0', () => {
    const all = topPorts(protocol, 65_535);
    const ranked = new Set<number>([...surveyOf(protocol), ...groupedPorts(protocol)]);
    ranked.delete(0);
    const registered = registeredPorts(protocol).filter((port) => !ranked.has(port));
    expect(new Set(all.slice(0, ranked.size))).toEqual(ranked);
    expect(all.slice(ranked.size, ranked.size + registered.length)).toEqual(registered);
    expect([...all].sort((a, b) => a - b)).toEqual(Array.from({ length: 65_535 }, (_, index) => index + 1));
    expect(topPorts(protocol, 70_000)).toHaveLength(65_535);
  });

  it('calls usual the hundred best and all groups', () => {
    expect(new Set(usualPorts(protocol))).toEqual(new Set([...topPorts(protocol, 100), ...groupedPorts(protocol)]));
  });
});

it('is told in docs/command.md, with the share of all open ports that it holds at the least', () => {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const rows = (['tcp', 'udp'] as const).flatMap((protocol) =>
    SHARES[protocol].map(
      ([count, share]) =>
        `| ${protocol.toUpperCase()} | ${count} | ${percent(leastShare(protocol, count))} | ${percent(share)} |`,
    ),
  );
  const head = '| protocol | first ports | hold at least | of the survey itself |\n|---|---|---|---|';
  expectInDocs('docs/command.md', 'ranking', [head, ...rows].join('\n'));
});

it('puts the ports first that nearly every network shows', () => {
  expect(topPorts('tcp', 30)).toEqual(expect.arrayContaining([22, 80, 443, 445, 3389, 21, 23, 25, 3306, 8080]));
  expect(topPorts('tcp', 100)).toEqual(expect.arrayContaining([1521, 2375, 5985, 6379, 9200, 11_211, 27_017]));
  expect(topPorts('udp', 20)).toEqual(expect.arrayContaining([53, 123, 161, 137, 500, 1900]));
});
