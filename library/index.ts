import { fileURLToPath } from 'node:url';
import type { ScanFields, ScanSettings } from './request.ts';
import { ScanRun } from './scan-run.ts';

// The entry of the package is its list of what it exports.
// biome-ignore lint/performance/noBarrelFile: a package has one entry.
export { type ErrorCode, type ErrorValue, type Place, PortfleetError } from '../shared/domain/errors.ts';
export type { ScanFields, ScanSettings } from './request.ts';
export type { FoundPort, ScanReport, ScanRun } from './scan-run.ts';

/**
 * Scans hosts from this machine. Nothing is sent before the first port, or the report, is asked for.
 *
 *     const run = scan({ targets: ['192.0.2.7'], ports: '1-1024' });
 *     for await (const { address, port } of run) console.log(address, port);
 *     const { summary } = await run.report();
 *
 * @throws PortfleetError from the first `await` on, with every error of the request at once
 */
export const scan = (request: ScanFields, settings: ScanSettings = {}): ScanRun =>
  new ScanRun(request, settings, fileURLToPath(new URL('./worker.cjs', import.meta.url)));
