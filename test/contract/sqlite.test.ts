import { join } from 'node:path';
import { openDatabase } from '../../local/sqlite/open-database.ts';
import { makeSqliteScanStore } from '../../local/sqlite/scan-store.ts';
import { sqliteQueues } from '../helpers/local-queues.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { chunkQueueContract, perScanQueueContract } from './chunk-queue.contract.ts';
import { completionContract } from './completion.contract.ts';
import { scanStoreContract } from './scan-store.contract.ts';

const sqliteStore = async () => makeSqliteScanStore(openDatabase(join(tempDir(), 'portfleet.db')));

scanStoreContract('The store over SQLite', sqliteStore);
chunkQueueContract('The queue over SQLite', sqliteQueues);
perScanQueueContract('The queue over SQLite', sqliteQueues);
completionContract('Completion over SQLite', sqliteStore, sqliteQueues);
