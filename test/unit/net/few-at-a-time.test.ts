import { describe, expect, it } from 'vitest';
import { type Address, millis } from '../../../shared/domain/units.ts';
import { fewAtATime } from '../../../shared/net/few-at-a-time.ts';
import { manualClock } from '../../helpers/manual-clock.ts';

const ONE = ['192.0.2.1' as Address];

describe('Names that are resolved', () => {
  it('are asked for a few at a time, and each in the end', async () => {
    const answers: (() => void)[] = [];
    let most = 0;
    const resolver = fewAtATime(
      {
        resolve: () =>
          new Promise((resolve) => {
            answers.push(() => resolve(ONE));
            most = Math.max(most, answers.length);
          }),
      },
      manualClock(),
    );
    const all = Promise.all(Array.from({ length: 50 }, (_, nth) => resolver.resolve(`host-${nth}.example`)));
    for (let answered = 0; answered < 50; answered++) {
      while (answers.length === 0) await Promise.resolve();
      answers.shift()?.();
    }
    expect(await all).toEqual(Array.from({ length: 50 }, () => ONE));
    expect(most).toBe(8);
  });

  it('have no address where the name server keeps silent', async () => {
    const clock = manualClock();
    const silent = fewAtATime({ resolve: () => new Promise(() => {}) }, clock).resolve('silent.example');
    await Promise.resolve();
    clock.advance(millis(5_000));
    expect(await silent).toEqual([]);
  });
});
