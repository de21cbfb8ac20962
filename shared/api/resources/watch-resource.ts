import * as z from 'zod/mini';
import { PROTOCOLS } from '../../domain/probe.ts';
import type { EpochMillis } from '../../domain/units.ts';
import type { Watch } from '../../domain/watch.ts';
import type { ChangeCandidate, Fact, FactKind } from '../../domain/watch-alert.ts';
import { isoTime } from '../../report/formats/time.ts';
import type { WatchView } from '../../usecases/view-watch.ts';
import { kindOf, portOf, portOfSubject } from '../../watch/facts.ts';
import type { OpenAlert } from '../../watch/open-alerts.ts';
import { rawWatchOf } from '../../watch/watch-words.ts';
import type { JsonObject } from '../read-body.ts';
import { watchBody, watchRequestSchema } from '../watch-request.ts';
import { timeSchema } from './scan-resource.ts';
import { shows } from './shows.ts';

const count = z.int().check(z.gte(0));
const FACT_KINDS = ['port', 'host', 'certificate', 'expectation', 'probing'] as const satisfies readonly FactKind[];

const factSchema = shows<Fact>(
  z
    .looseObject({ kind: z.enum(FACT_KINDS), state: z.string() })
    .check(z.meta({ id: 'WatchFact', description: 'What is so of a port, a host, a certificate …' })),
);

const runSchema = z
  .object({
    run: count,
    startedAt: timeSchema,
    endedAt: timeSchema,
    delayedMs: z.number().check(z.meta({ description: 'How late it began because the run before took so long.' })),
    rounds: count,
    scanId: z
      .nullable(z.string())
      .check(z.meta({ description: 'Null where the scan was not kept: nothing had changed.' })),
    changes: count,
    failure: z.nullable(z.string()),
  })
  .check(z.meta({ id: 'WatchRun' }));

const lineFields = {
  watchId: z.string(),
  name: z.string(),
  status: z.enum(['active', 'paused']),
  phase: z.enum(['idle', 'scanning', 'between-rounds']),
  nextRunAt: z.nullable(timeSchema),
  lastRun: z.nullable(runSchema),
  /** The watch in its owner's words, as a POST takes it. */
  spec: shows<JsonObject>(watchRequestSchema),
};

const lineSchema = z.object(lineFields).check(z.meta({ id: 'WatchLine' }));
export type WatchLine = z.infer<typeof lineSchema>;

export const watchListSchema = z
  .object({ items: shows<readonly WatchLine[]>(z.array(lineSchema)) })
  .check(z.meta({ id: 'WatchList' }));

const alertSchema = z
  .object({
    alertId: z.string(),
    host: z.string(),
    what: z.enum(FACT_KINDS),
    protocol: z.nullable(z.enum(PROTOCOLS)),
    port: z.nullable(count),
    truth: factSchema,
    told: factSchema,
    toldAt: z.nullable(timeSchema),
    confirming: z.nullable(z.object({ fact: factSchema, times: count, since: timeSchema })),
  })
  .check(z.meta({ id: 'WatchAlert', description: '"told" is what was told last, "truth" what is taken for right.' }));
export type AlertResource = z.infer<typeof alertSchema>;

const deliverySchema = z
  .object({
    deliveryId: z.string(),
    receiver: z.string(),
    state: z.enum(['waiting', 'delivered', 'given-up']),
    tries: count,
    createdAt: timeSchema,
    nextTryAt: z.nullable(timeSchema),
    answer: z.nullable(z.string()),
  })
  .check(z.meta({ id: 'WatchDelivery' }));

export const watchSchema = z
  .object({
    ...lineFields,
    owner: z.string(),
    createdAt: timeSchema,
    runs: shows<readonly z.infer<typeof runSchema>[]>(z.array(runSchema)),
    alerts: shows<readonly AlertResource[]>(z.array(alertSchema)),
    alertCount: count,
    deliveries: shows<readonly z.infer<typeof deliverySchema>[]>(z.array(deliverySchema)),
  })
  .check(z.meta({ id: 'Watch' }));
export type WatchResource = z.infer<typeof watchSchema>;

/** What adding a watch answers: the secret of its signatures is told this once. */
export const addedWatchSchema = z
  .object({ watch: watchSchema, signingSecret: z.string() })
  .check(z.meta({ id: 'AddedWatch' }));

const timeOrNull = (at: EpochMillis | null): string | null => (at === null ? null : isoTime(at));

const runResource = ({
  number,
  startedAt,
  endedAt,
  delayed,
  rounds,
  scan,
  changes,
  failure,
}: Watch['runs'][number]) => ({
  run: number,
  startedAt: isoTime(startedAt),
  endedAt: isoTime(endedAt),
  delayedMs: delayed,
  ...{ rounds, scanId: scan, changes, failure },
});

export function watchLine({ id, spec, status, phase, nextRunAt, runs }: Watch): WatchLine {
  const [last] = runs;
  return {
    ...{ watchId: id, name: spec.name, status, phase: phase.kind, nextRunAt: timeOrNull(nextRunAt) },
    lastRun: last ? runResource(last) : null,
    spec: watchBody(rawWatchOf(spec)),
  };
}

export const watchResource = ({ watch, alerts, alertCount, deliveries }: WatchView): WatchResource => ({
  ...watchLine(watch),
  owner: watch.owner,
  createdAt: isoTime(watch.createdAt),
  runs: watch.runs.map(runResource),
  alerts: alerts.map(alertResource),
  alertCount,
  deliveries: deliveries.map(({ id, receiver, state, tries, createdAt, nextTryAt, answer }) => ({
    ...{ deliveryId: id, receiver, state, tries, answer, createdAt: isoTime(createdAt) },
    nextTryAt: state === 'waiting' ? isoTime(nextTryAt) : null,
  })),
});

function alertResource({ id, host, subject, truth, told, toldAt, candidate }: OpenAlert): AlertResource {
  const port = portOfSubject(subject);
  const at = port === undefined ? { protocol: null, port: null } : portOf(port);
  const confirming = candidate && confirmingResource(candidate);
  return {
    ...{ alertId: id, host, what: kindOf(subject), ...at, truth, told },
    toldAt: timeOrNull(toldAt),
    confirming,
  };
}

const confirmingResource = ({ fact, times, since }: ChangeCandidate) => ({ fact, times, since: isoTime(since) });
