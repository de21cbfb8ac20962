import * as z from 'zod/mini';
import type { Finding } from '../../domain/finding.ts';
import { PROTOCOLS } from '../../domain/probe.ts';
import type { NamesOfAddresses } from '../../domain/reverse-names.ts';
import { type Address, epochMillis, millis } from '../../domain/units.ts';
import {
  isSettled,
  isUnprobed,
  PORT_STATES,
  stateAndReason,
  type Verdict,
  verdictNamed,
} from '../../domain/verdict.ts';
import { isoTime } from '../../report/formats/time.ts';
import type { PortItem } from '../../usecases/list-ports.ts';
import { timeSchema } from './scan-resource.ts';
import { shows } from './shows.ts';

/** A finding over the wire: its times have names that say their unit. */
export type FindingResource = Omit<Finding, 'seenAt' | 'rtt'> & { readonly seenAt: string; readonly rttMs: number };

const port = z.int().check(z.gte(0), z.lte(65_535));

export const findingSchema = shows<FindingResource>(
  z
    .looseObject({
      address: z.string(),
      protocol: z.enum(PROTOCOLS),
      port,
      state: z.enum(PORT_STATES),
      reason: z.string(),
      service: z.looseObject({
        name: z.string().check(z.meta({ description: 'The registered name, or "unavailable".' })),
        method: z.enum(['table', 'probed']),
      }),
      seenAt: timeSchema,
      rttMs: z.number(),
      attempt: z.int().check(z.gte(1)),
    })
    .check(z.meta({ id: 'OpenPort' })),
);

const runSchema = z
  .object({
    address: shows<Address>(z.string()),
    protocol: z.enum(PROTOCOLS),
    first: shows<Finding['port']>(port),
    last: shows<Finding['port']>(port),
    count: z
      .int()
      .check(z.gte(1))
      .check(z.meta({ description: 'Ports probed from first to last; the others between are no part of the scan.' })),
    state: z.enum([...PORT_STATES, 'unprobed', 'pending']),
    reason: z
      .nullable(z.string())
      .check(z.meta({ description: 'Why; the cause of an unprobed port. Null while pending.' })),
  })
  .check(z.meta({ id: 'PortRun', description: 'Neighbouring ports of one address with one state and reason.' }));

export const portListSchema = z
  .object({
    items: shows<readonly PortResource[]>(z.array(z.union([findingSchema, runSchema]))),
    reverseNames: z.optional(shows<NamesOfAddresses>(z.record(z.string(), z.array(z.string())))).check(
      z.meta({
        description:
          'The names that DNS has for addresses of the page, where they were looked up; not of "open" alone.',
      }),
    ),
    cursor: z.nullable(z.string()).check(
      z.meta({
        description: 'Where the next page begins; null on the last. A page may be short, or empty, and not the last.',
      }),
    ),
  })
  .check(z.meta({ id: 'PortList' }));

export type PortListResource = z.infer<typeof portListSchema>;
type RunResource = z.infer<typeof runSchema>;
export type PortResource = FindingResource | RunResource;

export function portResource(item: PortItem): PortResource {
  if (item.kind === 'finding') {
    const { seenAt, rtt, ...rest } = item.finding;
    return { ...rest, seenAt: isoTime(seenAt), rttMs: rtt };
  }
  const { verdict, ...run } = item.run;
  return { address: item.address, ...run, ...stateAndCause(verdict) };
}

function stateAndCause(verdict: Verdict): Pick<RunResource, 'state' | 'reason'> {
  if (isSettled(verdict)) return stateAndReason(verdict);
  return isUnprobed(verdict)
    ? { state: 'unprobed', reason: verdict.slice('unprobed/'.length) }
    : { state: 'pending', reason: null };
}

const isFinding = (resource: PortResource): resource is FindingResource => 'rttMs' in resource;

/** The inverse, for clients; undefined for a verdict that this version does not know. */
export function portItemOf(resource: PortResource): PortItem | undefined {
  if (isFinding(resource)) {
    const { seenAt, rttMs, ...rest } = resource;
    return { kind: 'finding', finding: { ...rest, seenAt: epochMillis(Date.parse(seenAt)), rtt: millis(rttMs) } };
  }
  const { address, state, reason, ...run } = resource;
  const verdict = verdictNamed(reason === null ? state : `${state}/${reason}`);
  return verdict && { kind: 'run', address, run: { ...run, verdict } };
}
