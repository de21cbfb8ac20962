import { join } from 'node:path';
import { openDatabase } from '../../local/sqlite/open-database.ts';
import { makeSqliteScanStore } from '../../local/sqlite/sqlite-scan-store.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { scanStoreContract } from './scan-store.contract.ts';

scanStoreContract('The store over SQLite', async () =>
  makeSqliteScanStore(openDatabase(join(tempDir(), 'portfleet.db'))),
);
