import * as z from 'zod/mini';
import { formatPorts } from '../../domain/port-set.ts';
import type { Scan } from '../../domain/scan.ts';
import { SCAN_STATUSES } from '../../domain/scan-status.ts';
import { plannedProbes } from '../../plan/split-chunks.ts';
import { summaryRecord } from '../../records/stored-summary.ts';
import { isoTime } from '../../report/formats/time.ts';
import { scanIdSchema, submitterSchema, summarySchema, timeSchema } from './scan-resource.ts';
import { shows } from './shows.ts';

/** Targets that a line shows; a request may have thousands. */
const TARGETS_SHOWN = 8;

/** Characters of the ports that a line shows. */
const PORTS_SHOWN = 200;

const lineSchema = z
  .object({
    scanId: scanIdSchema,
    status: z.enum(SCAN_STATUSES),
    targets: shows<readonly string[]>(z.array(z.string())),
    moreTargets: z
      .int()
      .check(z.gte(0))
      .check(z.meta({ description: 'How many targets are not shown.' })),
    ports: z.string().check(z.meta({ description: 'In the grammar of requests; "…" at the end where it is cut.' })),
    submittedAt: timeSchema,
    finishedAt: z.nullable(timeSchema),
    submittedBy: z.nullable(submitterSchema),
    name: z.optional(z.nullable(z.string())).check(z.meta({ description: 'What it is called; null without a name.' })),
    probes: z.int().check(z.gte(0)),
    summary: z.nullable(summarySchema).check(z.meta({ description: 'Null while the scan is not over.' })),
  })
  .check(z.meta({ id: 'ScanLine' }));

export type ScanLine = z.infer<typeof lineSchema>;

const cursorSchema = z
  .nullable(z.string())
  .check(z.meta({ description: 'Where the next page begins; null on the last.' }));

export const scanListSchema = z
  .object({ items: shows<readonly ScanLine[]>(z.array(lineSchema)), cursor: cursorSchema })
  .check(z.meta({ id: 'ScanList' }));

/** A scan as a list shows it: bounded, whatever its request was like. */
export function scanLine(scan: Scan): ScanLine {
  const ports = formatPorts(scan.plan.ports);
  return {
    scanId: scan.id,
    status: scan.status,
    targets: scan.request.targets.slice(0, TARGETS_SHOWN),
    moreTargets: Math.max(0, scan.request.targets.length - TARGETS_SHOWN),
    ports: ports.length <= PORTS_SHOWN ? ports : `${ports.slice(0, PORTS_SHOWN)}…`,
    submittedAt: isoTime(scan.submittedAt),
    finishedAt: scan.finishedAt === null ? null : isoTime(scan.finishedAt),
    submittedBy: scan.submittedBy ?? null,
    name: scan.label ?? null,
    probes: plannedProbes(scan.plan.geometry),
    summary: scan.summary && summaryRecord(scan.summary),
  };
}
