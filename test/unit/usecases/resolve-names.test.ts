import { describe, expect, it } from 'vitest';
import type { Result } from '../../../shared/domain/result.ts';
import { type Address, millis } from '../../../shared/domain/units.ts';
import { parseRequest } from '../../../shared/request/parse-request.ts';
import { type ResolvedNames, resolveNames } from '../../../shared/usecases/resolve-names.ts';
import { manualClock } from '../../helpers/manual-clock.ts';
import { valid } from '../../helpers/valid.ts';

const ONE = ['192.0.2.1' as Address];
const hosts = (count: number): string[] => Array.from({ length: count }, (_, nth) => `host-${nth}.example`);
const named = (targets: readonly string[]) => valid(parseRequest({ targets })).names;

const told = (result: Result<ResolvedNames>): string[] => (result.ok ? [] : result.errors.map(({ detail }) => detail));

describe('The names of a request', () => {
  it('are looked up four at a time, and each in the end', async () => {
    const answers: (() => void)[] = [];
    let most = 0;
    const resolve = (): Promise<readonly Address[]> =>
      new Promise((settle) => {
        answers.push(() => settle(ONE));
        most = Math.max(most, answers.length);
      });
    const resolving = resolveNames(named(hosts(50)), { resolver: { resolve }, clock: manualClock() });
    for (let answered = 0; answered < 50; answered++) {
      while (answers.length === 0) await Promise.resolve();
      answers.shift()?.();
    }
    const names = valid(await resolving);
    expect(hosts(50).map((name) => names.addressesOf(name))).toEqual(Array.from({ length: 50 }, () => ONE));
    expect(most).toBe(4);
  });

  it('have no address only where the name server says so: one that stays silent was not heard in time', async () => {
    const clock = manualClock();
    const resolve = (name: string): Promise<readonly Address[]> => {
      if (name === 'silent.example') return new Promise(() => {});
      return Promise.resolve(name === 'none.example' ? [] : ONE);
    };
    const targets = ['silent.example', 'none.example', 'here.example'];
    const resolving = resolveNames(named(targets), { resolver: { resolve }, clock, resolveWithin: millis(14_500) });
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    clock.advance(millis(14_500));
    expect(told(await resolving)).toEqual([
      '"silent.example" was not looked up in time.',
      '"none.example" has no address.',
    ]);
  });
});
