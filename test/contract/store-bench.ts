import type { Scan } from '../../shared/domain/scan.ts';
import { epochMillis } from '../../shared/domain/units.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';

/** A store of its own for one test; what it needs beside the store, it takes down itself. */
export type MakeStore = () => Promise<ScanStore>;

/** A store that holds that scan. */
export type StoreWith = (scan: Scan) => Promise<ScanStore>;

/** After everything that a sample was written at. */
export const LATER = epochMillis(1_795_348_999_999);
