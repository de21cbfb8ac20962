import { expect, it } from 'vitest';
import { type Address, epochMillis, type PortNumber } from '../../shared/domain/units.ts';
import { sampleScan, sampleTimingHints } from '../helpers/sample-scan.ts';
import type { StoreWith } from './store-bench.ts';

const HEARD = { closedPort: 81 as PortNumber, openPort: 80 as PortNumber, heardAt: epochMillis(1_795_348_801_234) };

export function hintStore(storeWith: StoreWith): void {
  const [here, there] = ['192.0.2.1' as Address, '2001:db8::1' as Address];

  it('by address, to the last field', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const [near, far] = [
      sampleTimingHints({ address: here }),
      sampleTimingHints({ address: there, attempts: 7, window: 75, ...HEARD }),
    ];
    await store.putTimingHints(scan.id, near);
    await store.putTimingHints(scan.id, far);
    expect(await store.readTimingHints(scan.id, here)).toEqual(near);
    expect(await store.readTimingHints(scan.id, there)).toEqual(far);
  });

  it('and nothing of one that was never published, in this scan', async () => {
    const [scan, other] = [sampleScan(), sampleScan()];
    const store = await storeWith(scan);
    await store.createScan(other);
    await store.putTimingHints(other.id, sampleTimingHints({ address: here }));
    expect(await store.readTimingHints(scan.id, here)).toBeUndefined();
    expect(await store.readTimingHints(other.id, there)).toBeUndefined();
  });

  it('as it was told last, with nothing left of what was told before', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    await store.putTimingHints(scan.id, sampleTimingHints({ address: here, attempts: 7, window: 75, ...HEARD }));
    await store.putTimingHints(scan.id, sampleTimingHints({ address: here }));
    expect(await store.readTimingHints(scan.id, here)).toEqual(sampleTimingHints({ address: here }));
  });
}
