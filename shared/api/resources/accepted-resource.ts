import * as z from 'zod/mini';
import type { Scan } from '../../domain/scan.ts';
import { SCAN_STATUSES } from '../../domain/scan-status.ts';
import type { ScanId } from '../../domain/units.ts';
import { estimate } from '../../plan/estimate.ts';
import { plannedProbes } from '../../plan/split-chunks.ts';
import { isoTime } from '../../report/formats/time.ts';
import type { ApiDeps } from '../api-deps.ts';
import { namesSchema, planSchema, scanIdSchema, timeSchema } from './scan-resource.ts';

const range = (description: string) =>
  z.object({ atLeast: z.number(), ifSilent: z.number() }).check(z.meta({ description }));

const estimateSchema = z
  .object({
    asks: range('Connects and datagrams.'),
    milliseconds: range('From the first probe to the last answer.'),
    dollars: z.nullable(
      z
        .object({ atLeast: z.number(), expected: z.number(), ifSilent: z.number() })
        .check(z.meta({ description: 'At list prices, free tiers left out; "expected" is for networks as they are.' })),
    ),
  })
  .check(z.meta({ id: 'Estimate', description: 'If every port answers at once, and if none answers at all.' }));

export const acceptedSchema = z
  .object({
    scanId: z.nullable(scanIdSchema).check(z.meta({ description: 'Null for a dry run, which is not carried out.' })),
    status: z.enum(SCAN_STATUSES),
    submittedAt: timeSchema,
    names: namesSchema,
    plan: planSchema,
    probes: z.int().check(z.gte(0)),
    chunks: z.int().check(z.gte(0)),
    estimate: estimateSchema,
  })
  .check(z.meta({ id: 'Accepted', description: 'What will be probed, and what it may take.' }));

export type AcceptedResource = z.infer<typeof acceptedSchema>;

/** The answer to a request for a scan. `scanId` is null where the scan was only planned. */
export function acceptedResource(
  scan: Scan,
  scanId: ScanId | null,
  { fleet }: Pick<ApiDeps, 'fleet'>,
): AcceptedResource {
  const { asksAtLeast, asksIfSilent, shortest, ifSilent } = estimate(scan.plan, fleet);
  return {
    scanId,
    status: scan.status,
    submittedAt: isoTime(scan.submittedAt),
    names: scan.names,
    plan: scan.plan,
    probes: plannedProbes(scan.plan.geometry),
    chunks: scan.plan.geometry.chunks,
    estimate: {
      asks: { atLeast: asksAtLeast, ifSilent: asksIfSilent },
      milliseconds: { atLeast: Math.ceil(shortest), ifSilent: Math.ceil(ifSilent) },
      dollars: scan.cost?.estimate ?? null,
    },
  };
}
