import { expect, it } from 'vitest';
import type { Address } from '../../shared/domain/units.ts';
import { sampleLearnt, sampleScan } from '../helpers/sample-scan.ts';
import type { StoreWith } from './store-bench.ts';

export function learntTargets(storeWith: StoreWith): void {
  const [here, there] = ['192.0.2.1' as Address, '2001:db8::1' as Address];

  it('by address, to the last field', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const [near, far] = [sampleLearnt({ address: here }), sampleLearnt({ address: there, attempts: 7, window: 75 })];
    await store.putLearnt(scan.id, near);
    await store.putLearnt(scan.id, far);
    expect(await store.readLearnt(scan.id, here)).toEqual(near);
    expect(await store.readLearnt(scan.id, there)).toEqual(far);
  });

  it('and nothing of one that nobody told of, in this scan', async () => {
    const [scan, other] = [sampleScan(), sampleScan()];
    const store = await storeWith(scan);
    await store.createScan(other);
    await store.putLearnt(other.id, sampleLearnt({ address: here }));
    expect(await store.readLearnt(scan.id, here)).toBeUndefined();
    expect(await store.readLearnt(other.id, there)).toBeUndefined();
  });

  it('as it was told last, with nothing left of what was told before', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    await store.putLearnt(scan.id, sampleLearnt({ address: here, attempts: 7, window: 75 }));
    await store.putLearnt(scan.id, sampleLearnt({ address: here }));
    expect(await store.readLearnt(scan.id, here)).toEqual(sampleLearnt({ address: here }));
  });
}
