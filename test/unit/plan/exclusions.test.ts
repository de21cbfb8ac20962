import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressIndex } from '../../../shared/domain/addresses/address-set.ts';
import { probeAt } from '../../../shared/domain/chunk.ts';
import { type Address, chunkNumber, seed } from '../../../shared/domain/units.ts';
import { buildChunk } from '../../../shared/plan/split-chunks.ts';
import { parseRequest, type RawRequest } from '../../../shared/request/parse-request.ts';
import { LOCAL_POLICY } from '../../../shared/request/target-policy.ts';
import { planScan } from '../../../shared/usecases/plan-scan.ts';
import { manualClock } from '../../helpers/manual-clock.ts';
import { freshScanId } from '../../helpers/sample-scan.ts';

/** A small network with all the ways to write its addresses: hosts 0 to 31 of 10.0.0.0/27, two of which have names. */
const HOSTS = 32;
const NAMES: Readonly<Record<string, readonly number[]>> = { 'one.example': [5], 'two.example': [9, 17] };

/** A word of the user, and the hosts that it means, written down independently of any parser. */
interface Word {
  readonly text: string;
  readonly hosts: readonly number[];
}

const from = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, at) => first + at);

const word: fc.Arbitrary<Word> = fc.oneof(
  fc.nat(HOSTS - 1).map((host) => ({ text: `10.0.0.${host}`, hosts: [host] })),
  fc.tuple(fc.nat(HOSTS - 1), fc.nat(HOSTS - 1)).map(([a, b]) => {
    const [first, last] = [Math.min(a, b), Math.max(a, b)];
    return { text: `10.0.0.${first}-${last}`, hosts: from(first, last) };
  }),
  fc.tuple(fc.nat(HOSTS - 1), fc.integer({ min: 27, max: 32 })).map(([host, bits]) => {
    const size = 2 ** (32 - bits);
    const first = Math.floor(host / size) * size;
    return { text: `10.0.0.${host}/${bits}`, hosts: from(first, first + size - 1) };
  }),
  fc.uniqueArray(fc.nat(HOSTS - 1), { minLength: 1, maxLength: 4 }).map((hosts) => ({
    text: `10.0.0.${hosts.join(',')}`,
    hosts,
  })),
  fc.constantFrom(...Object.entries(NAMES)).map(([text, hosts]) => ({ text, hosts })),
);

/** A list of ports, and the ports that it means. */
const ports: fc.Arbitrary<{ readonly text: string; readonly ports: readonly number[] }> = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.nat(5)), { minLength: 1, maxLength: 4 })
  .map((ranges) => ({
    text: ranges.map(([first, more]) => (more === 0 ? `${first}` : `${first}-${first + more}`)).join(','),
    ports: ranges.flatMap(([first, more]) => from(first, first + more)),
  }));

async function probesOf(raw: RawRequest): Promise<string[]> {
  const parsed = parseRequest(raw);
  if (!parsed.ok) return [];
  const planned = await planScan(parsed.value, {
    resolver: { resolve: async (name) => (NAMES[name] ?? []).map((host) => `10.0.0.${host}` as Address) },
    clock: manualClock(),
    policy: LOCAL_POLICY,
    fleet: { workers: 2, socketsPerWorker: 50, maxProbesPerChunk: 40 },
    newId: freshScanId,
    newSeed: () => seed(3),
  });
  if (!planned.ok) return [];
  const { plan } = planned.value;
  const { at } = addressIndex(plan.addresses);
  const probes: string[] = [];
  for (let number = 0; number < plan.geometry.chunks; number++) {
    const chunk = buildChunk(plan, chunkNumber(number), at);
    for (let offset = 0; offset < chunk.size; offset++) {
      const probe = probeAt(chunk, offset);
      probes.push(`${probe?.address} ${probe?.port}`);
    }
  }
  return probes;
}

describe('what the user excludes', () => {
  it('is in no chunk, however often and in whatever order it is given, and nothing else is missing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(word, { minLength: 1, maxLength: 6 }),
        fc.array(word, { maxLength: 6 }),
        ports,
        fc.option(ports, { nil: undefined }),
        async (targets, exclude, wanted, away) => {
          const left = new Set(targets.flatMap(({ hosts }) => hosts));
          for (const { hosts } of exclude) for (const host of hosts) left.delete(host);
          const open = new Set(wanted.ports);
          for (const port of away?.ports ?? []) open.delete(port);
          const expected = [...left].flatMap((host) => [...open].map((port) => `10.0.0.${host} ${port}`));
          const raw: RawRequest = {
            targets: targets.map(({ text }) => text),
            exclude: exclude.map(({ text }) => text),
            ports: wanted.text,
            excludePorts: away?.text,
          };
          const probes = await probesOf(raw);
          expect([...probes].sort()).toEqual(expected.sort());
          const again = { ...raw, exclude: [...(raw.exclude ?? []), ...(raw.exclude ?? [])].reverse() };
          expect((await probesOf(again)).sort()).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });
});
