import { join } from 'node:path';
import { openDatabase } from '../../local/sqlite/open-database.ts';
import { makeSqliteScanStore } from '../../local/sqlite/sqlite-scan-store.ts';
import { sqliteQueues } from '../helpers/local-queues.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { chunkQueueContract, perScanQueueContract } from './chunk-queue.contract.ts';
import { scanStoreContract } from './scan-store.contract.ts';

scanStoreContract('The store over SQLite', async () =>
  makeSqliteScanStore(openDatabase(join(tempDir(), 'portfleet.db'))),
);
chunkQueueContract('The queue over SQLite', sqliteQueues);
perScanQueueContract('The queue over SQLite', sqliteQueues);
