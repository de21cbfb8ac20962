import { join } from 'node:path';
import { makeSqliteCallerStore } from '../../local/sqlite/caller-store.ts';
import { openDatabase } from '../../local/sqlite/open-database.ts';
import { makeMemoryCallerStore } from '../helpers/memory-caller-store.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { callerStoreContract } from './caller-store.contract.ts';

callerStoreContract('The store of callers in memory', async () => ({
  callers: makeMemoryCallerStore(),
  close: async () => {},
}));

callerStoreContract('The store of callers over SQLite', async () => {
  const db = openDatabase(join(tempDir(), 'portfleet.db'));
  return { callers: makeSqliteCallerStore(db), close: async () => db.close() };
});
