// Reads the store whose path is given, and tries to write to it: run as a user who may only read it.
import { openDatabase } from '../../local/sqlite/open-database.ts';
import { makeSqliteScanStore } from '../../local/sqlite/scan-store.ts';

const store = makeSqliteScanStore(openDatabase(process.argv[2]));
const { items } = await store.listScans({ limit: 10 });
const written = await store
  .changeStatus(items[0].id, 'planned', 'running', 0)
  .then(() => [])
  .catch(({ errors }) => errors.map(({ code }) => code));
await store.close();
process.stdout.write(JSON.stringify({ listed: items.map(({ id }) => id), written }));
