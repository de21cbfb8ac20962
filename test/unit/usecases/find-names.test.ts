import { describe, expect, it } from 'vitest';
import type { Chunk } from '../../../shared/domain/chunk.ts';
import { portsInRow } from '../../../shared/domain/port-list.ts';
import type { ReverseNames } from '../../../shared/domain/reverse-names.ts';
import { type Address, chunkNumber, millis, type PortNumber } from '../../../shared/domain/units.ts';
import { type Verdict, verdictCode } from '../../../shared/domain/verdict.ts';
import { makeNameFinder } from '../../../shared/usecases/find-names.ts';
import { manualClock } from '../../helpers/manual-clock.ts';

const PORT = { protocol: 'tcp', port: 80 as PortNumber } as const;
const LIVE: ReverseNames = { of: 'live', servers: [] };
const ALL: ReverseNames = { of: 'all', servers: ['127.0.0.1:53'] };

function chunkOf(verdicts: Readonly<Record<string, Verdict>>): { readonly chunk: Chunk; readonly codes: Uint8Array } {
  const addresses = Object.keys(verdicts) as Address[];
  const chunk = { number: chunkNumber(0), addresses, ports: portsInRow([PORT]), size: addresses.length, lane: 0 };
  return { chunk, codes: Uint8Array.from(Object.values(verdicts), verdictCode) };
}

const many = (count: number): Readonly<Record<string, Verdict>> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`10.0.${at >> 8}.${at & 255}`, 'open/syn-ack']));

const forever = { signal: new AbortController().signal, deadline: null };

/** A finder over made-up answers, and what it asked for. */
function finderOver(answer: (address: Address) => readonly string[] | undefined | Promise<never>) {
  const asked: string[] = [];
  const clock = manualClock();
  let [underway, most] = [0, 0];
  const finder = makeNameFinder(
    {
      async namesOf(address, servers) {
        asked.push([address, ...servers].join(' '));
        most = Math.max(most, ++underway);
        await Promise.resolve();
        underway -= 1;
        return answer(address);
      },
    },
    clock,
  );
  return { finder, asked, clock, most: () => most };
}

describe('Names of the addresses of a chunk', () => {
  const mixed = chunkOf({
    '10.0.0.1': 'open/syn-ack',
    '10.0.0.2': 'closed/conn-refused',
    '10.0.0.3': 'filtered/no-response',
    '127.0.0.1': 'open/syn-ack',
    '::1': 'open/syn-ack',
  });

  it('are looked up for hosts that answer, and not for addresses of this machine', async () => {
    const { finder, asked } = finderOver((address) => [`host-${address.at(-1)}.test.`]);
    const names = await finder.find(mixed.chunk, mixed.codes, LIVE, forever);
    expect(names).toEqual({ '10.0.0.1': ['host-1.test'], '10.0.0.2': ['host-2.test'] });
    expect(asked).toEqual(['10.0.0.1', '10.0.0.2']);
  });

  it('are looked up for every address where all are meant, at the servers that were named', async () => {
    const { finder, asked } = finderOver(() => []);
    expect(await finder.find(mixed.chunk, mixed.codes, ALL, forever)).toEqual({});
    expect(asked).toEqual(mixed.chunk.addresses.map((address) => `${address} 127.0.0.1:53`));
  });

  it('are host names, few of each address, and nothing else that a stranger may have written', async () => {
    const { finder } = finderOver(() => [
      '\u001b[2Jevil.test',
      'a b.test',
      'x'.repeat(254),
      '"><script>',
      '',
      'B.test',
      'b.test.',
      ...['e', 'd', 'c', 'f', 'g'].map((letter) => `${letter}_1.0/25.test`),
    ]);
    const { chunk, codes } = chunkOf(many(1));
    expect(Object.values(await finder.find(chunk, codes, LIVE, forever))).toEqual([
      ['b.test', 'c_1.0/25.test', 'd_1.0/25.test', 'e_1.0/25.test'],
    ]);
  });

  it('are looked up a few at a time, and no more of them than a record holds', async () => {
    const { finder, most } = finderOver(() => [`${'x'.repeat(60)}.${'y'.repeat(60)}.test`]);
    const { chunk, codes } = chunkOf(many(3_000));
    const found = Object.keys(await finder.find(chunk, codes, LIVE, forever)).length;
    expect(most()).toBe(16);
    expect([found > 900, found < 1_100]).toEqual([true, true]);
  });

  it('are left out when servers do not answer, also of the next chunk, until they have rested', async () => {
    const { finder, asked, clock } = finderOver(() => undefined);
    const { chunk, codes } = chunkOf(many(200));
    await finder.find(chunk, codes, LIVE, forever);
    const first = asked.length;
    expect(first).toBeLessThan(40);
    await finder.find(chunk, codes, LIVE, forever);
    expect(asked.length).toBe(first);
    clock.advance(millis(60_001));
    await finder.find(chunk, codes, LIVE, forever);
    expect(asked.length).toBeGreaterThan(first);
  });

  it('are not waited for longer than ten seconds, or than the worker has', async () => {
    for (const [deadline, time] of [
      [null, 10_000],
      [millis(2_000), 2_000],
    ] as const) {
      const { finder, clock } = finderOver(() => new Promise<never>(() => {}));
      const { chunk, codes } = chunkOf(many(2));
      const found = finder.find(chunk, codes, LIVE, { ...forever, deadline });
      clock.advance(millis(time));
      expect(await found).toEqual({});
    }
  });
});
