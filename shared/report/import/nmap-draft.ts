import type { PortSet } from '../../domain/port-set.ts';
import type { Address, EpochMillis } from '../../domain/units.ts';
import type { NmapExtraReason, NmapGap, NmapHost, NmapPort } from './nmap-run.ts';

/** A run while it is read. */
export interface RunDraft {
  args: string;
  startedAt?: EpochMillis | undefined;
  finishedAt?: EpochMillis | undefined;
  asked: PortSet | null;
  /** The host and the port whose element is open. */
  host: HostDraft;
  port: PortDraft;
  readonly hosts: Map<Address, HostDraft>;
  /** What was left out, and how often. */
  readonly omitted: Map<string, number>;
}

export interface HostDraft {
  address?: Address | undefined;
  endedAt: EpochMillis | null;
  readonly names: Set<string>;
  readonly ports: NmapPort[];
  readonly extras: { state: string; count: number; reasons: NmapExtraReason[] }[];
  readonly gaps: NmapGap[];
}

type PortDraft = { -readonly [Key in keyof NmapPort]?: NmapPort[Key] | undefined };

export const newHost = (): HostDraft => ({ endedAt: null, names: new Set(), ports: [], extras: [], gaps: [] });

export const newRun = (): RunDraft => ({
  args: '',
  asked: null,
  host: newHost(),
  port: {},
  hosts: new Map(),
  omitted: new Map(),
});

export function omit(run: RunDraft, what: string): void {
  run.omitted.set(what, (run.omitted.get(what) ?? 0) + 1);
}

/** Keeps the host that was read. masscan writes one for every port, so that an address may come again. */
export function keepHost(run: RunDraft): void {
  const { address, names, ports, extras, gaps, endedAt } = run.host;
  const known = address && run.hosts.get(address);
  if (!address) omit(run, 'a host without a readable address');
  else if (!known) run.hosts.set(address, run.host);
  if (!known) return;
  known.endedAt = endedAt ?? known.endedAt;
  for (const name of names) known.names.add(name);
  for (const port of ports) known.ports.push(port);
  for (const extra of extras) known.extras.push(extra);
  for (const gap of gaps) known.gaps.push(gap);
}

export const hostsOf = (run: RunDraft): NmapHost[] =>
  [...run.hosts].map(([address, { names, ...host }]) => ({ ...host, address, names: [...names] }));
