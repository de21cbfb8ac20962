import { makeMemoryScanStore } from '../helpers/memory-scan-store.ts';
import { scanStoreContract } from './scan-store.contract.ts';

scanStoreContract('The store in memory', async () => makeMemoryScanStore());
