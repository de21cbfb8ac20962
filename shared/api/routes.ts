import type { Route } from './route.ts';
import { getDiff } from './routes/get-diff.ts';
import { getReport } from './routes/get-report.ts';
import { getHealth } from './routes/health.ts';
import { listChunks } from './routes/list-chunks.ts';
import { listPorts } from './routes/list-ports.ts';
import { deleteScan, getScan, listScans, postCancel, postResume } from './routes/scans.ts';
import { submitScan } from './routes/submit-scan.ts';
import { WATCH_ROUTES } from './routes/watches.ts';

/** Everything that the API can be asked for, beside `GET /openapi.json`, which is made from this list. */
export const ROUTES: readonly Route[] = [
  submitScan,
  listScans,
  getScan,
  listPorts,
  listChunks,
  getReport,
  getDiff,
  postCancel,
  postResume,
  deleteScan,
  ...WATCH_ROUTES,
  getHealth,
];
