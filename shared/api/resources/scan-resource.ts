import * as z from 'zod/mini';
import type { ScanCost } from '../../domain/cost.ts';
import type { Plan, ResolvedName, Scan, ScanRequest, Submitter } from '../../domain/scan.ts';
import { SCAN_STATUSES } from '../../domain/scan-status.ts';
import { TIMING_NAMES } from '../../domain/timing-template.ts';
import { epochMillis, type ScanId } from '../../domain/units.ts';
import { type SummaryRecord, summaryOfRecord, summaryRecord } from '../../records/stored-summary.ts';
import { isoTime } from '../../report/formats/time.ts';
import type { Progress } from '../../usecases/read-progress.ts';
import { shows } from './shows.ts';

const count = z.int().check(z.gte(0));
const ranges = z.array(z.tuple([z.int(), z.int()]));

export const scanIdSchema = shows<ScanId>(z.string().check(z.meta({ description: 'A ULID: ids sort by time.' })));
export const timeSchema = z.iso.datetime().check(z.meta({ description: 'ISO 8601, in UTC.' }));

export const submitterSchema = shows<Submitter>(
  z
    .object({ caller: z.string(), sourceAddress: z.nullable(z.string()) })
    .check(z.meta({ id: 'Submitter', description: 'Who submitted the scan, and from where.' })),
);

const requestSchema = shows<ScanRequest>(
  z
    .looseObject({ targets: z.array(z.string()), exclude: z.array(z.string()), ports: z.string() })
    .check(z.meta({ description: 'The words of the request.' })),
);

export const namesSchema = shows<readonly ResolvedName[]>(
  z
    .array(z.object({ name: z.string(), addresses: z.array(z.string()) }))
    .check(z.meta({ description: 'The host names of the request, as they were resolved when it was submitted.' })),
);

const timingSchema = z
  .looseObject({ template: z.enum(TIMING_NAMES), ratePerTarget: z.nullable(z.number()), maxAttempts: count })
  .check(
    z.meta({ id: 'Timing', description: 'The template, and what the request changed of it. Times are milliseconds.' }),
  );

export const planSchema = shows<Plan>(
  z
    .looseObject({
      addresses: z.array(z.object({ first: z.string(), last: z.string() })),
      ports: z.object({ tcp: ranges, udp: ranges }),
      seed: z.int(),
      timing: timingSchema,
      socketsPerWorker: z.nullable(z.int()),
      geometry: z.looseObject({ addressCount: count, portCount: count, chunks: count }),
    })
    .check(
      z.meta({ id: 'Plan', description: 'Which ports of which addresses are probed, how fast, and in which chunks.' }),
    ),
);

export const summarySchema = shows<SummaryRecord>(
  z
    .looseObject({
      planned: count,
      settled: z
        .record(z.string(), count)
        .check(z.meta({ description: 'Probes by state and reason: "open/syn-ack".' })),
      unprobed: z.record(z.string(), count).check(z.meta({ description: 'Ports that could not be probed, by cause.' })),
      pending: count,
      duration: z.number().check(z.meta({ description: 'Milliseconds from submission to the end, or until now.' })),
    })
    .check(z.meta({ id: 'Summary', description: 'Every planned probe, counted once.' })),
);

export const costSchema = shows<ScanCost>(
  z
    .looseObject({
      dollars: z.number(),
      estimate: z.object({ atLeast: z.number(), expected: z.number(), ifSilent: z.number() }),
      limit: z.nullable(z.number()),
      workerSeconds: z.number(),
      requests: z.number(),
      writeUnits: z.number(),
    })
    .check(
      z.meta({
        id: 'Cost',
        description: 'What the workers of a fleet have cost so far, in US dollars at list prices, beside the estimate.',
      }),
    ),
);

export const scanSchema = z
  .object({
    scanId: scanIdSchema,
    status: z.enum(SCAN_STATUSES),
    request: requestSchema,
    names: namesSchema,
    plan: planSchema,
    submittedAt: timeSchema,
    finishedAt: z.nullable(timeSchema),
    failure: z.nullable(z.string()).check(z.meta({ description: 'Why it ended as failed; null otherwise.' })),
    submittedBy: z.nullable(submitterSchema),
    name: z.optional(z.nullable(z.string())).check(z.meta({ description: 'What it is called; null without a name.' })),
    probes: count,
    done: count.check(
      z.meta({ description: 'Probes with a verdict; while a large scan runs, those of whole chunks.' }),
    ),
    workers: z.optional(z.nullable(count)).check(
      z.meta({
        description:
          'Chunks of the scan that workers hold at this moment; null where no worker has the scan. Absent from older servers.',
      }),
    ),
    timeLeft: z.optional(z.nullable(z.number())).check(
      z.meta({
        description:
          'Milliseconds until the scan is over, as its workers expect; null where none has told yet, and of a large scan. Absent from older servers.',
      }),
    ),
    cost: z.nullable(costSchema),
    summary: z
      .nullable(summarySchema)
      .check(z.meta({ description: 'Null where the scan is large and was not finished.' })),
  })
  .check(z.meta({ id: 'Scan' }));

export type ScanResource = z.infer<typeof scanSchema>;

/** A scan as the API shows it, to the last field of the domain's own. */
export const scanResource = (
  scan: Scan,
  { planned, done, summary, left, cost }: Progress,
  workers: number | null,
): ScanResource => ({
  scanId: scan.id,
  status: scan.status,
  request: scan.request,
  names: scan.names,
  plan: scan.plan,
  submittedAt: isoTime(scan.submittedAt),
  finishedAt: scan.finishedAt === null ? null : isoTime(scan.finishedAt),
  failure: scan.failure ?? null,
  submittedBy: scan.submittedBy ?? null,
  name: scan.label ?? null,
  probes: planned,
  done,
  workers,
  timeLeft: left === null ? null : Math.round(left),
  cost: cost ?? null,
  summary: summary && summaryRecord(summary),
});

const timeOf = (text: string) => epochMillis(Date.parse(text));

/** The inverse, for clients. A summary of a scan that is not over is not the scan's own yet. */
export const scanOf = (resource: ScanResource): Scan => ({
  id: resource.scanId,
  status: resource.status,
  request: resource.request,
  names: resource.names,
  plan: resource.plan,
  submittedAt: timeOf(resource.submittedAt),
  finishedAt: resource.finishedAt === null ? null : timeOf(resource.finishedAt),
  ...(resource.failure && { failure: resource.failure }),
  ...(resource.submittedBy && { submittedBy: resource.submittedBy }),
  ...(resource.name && { label: resource.name }),
  summary: resource.finishedAt === null ? null : resource.summary && summaryOfRecord(resource.summary),
});
