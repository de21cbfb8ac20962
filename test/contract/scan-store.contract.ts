import { describe, onTestFinished } from 'vitest';
import type { Scan } from '../../shared/domain/scan.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import type { MakeStore } from './store-bench.ts';
import { coverageRecords, treeNodes } from './store-completion.ts';
import { findings } from './store-findings.ts';
import { deletion, scanLists, scanRecords } from './store-scans.ts';
import { statusMoves } from './store-status.ts';
import { takingUp } from './store-take-up.ts';
import { hintStore } from './store-timing-hints.ts';

/** What every store of scans must do, whatever it is built on. */
export function scanStoreContract(name: string, makeStore: MakeStore): void {
  const emptyStore = async (): Promise<ScanStore> => {
    const store = await makeStore();
    onTestFinished(() => store.close());
    return store;
  };
  const storeWith = async (scan: Scan): Promise<ScanStore> => {
    const store = await emptyStore();
    await store.createScan(scan);
    return store;
  };

  describe(`${name} keeps scans`, () => scanRecords(emptyStore, storeWith));
  describe(`${name} lists scans`, () => scanLists(emptyStore));
  describe(`${name} moves scans on`, () => statusMoves(storeWith));
  describe(`${name} keeps findings`, () => findings(storeWith));
  describe(`${name} keeps coverage`, () => coverageRecords(storeWith));
  describe(`${name} keeps what was learnt of targets`, () => hintStore(storeWith));
  describe(`${name} keeps the completion tree`, () => treeNodes(storeWith));
  describe(`${name} opens a scan again`, () => takingUp(storeWith));
  describe(`${name} deletes scans`, () => deletion(emptyStore));
}
