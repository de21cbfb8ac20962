import { daysLeft } from '../domain/certificate-concerns.ts';
import type { Finding } from '../domain/finding.ts';
import type { PortAt } from '../domain/port-set.ts';
import type { Protocol } from '../domain/probe.ts';
import type { EpochMillis, PortNumber } from '../domain/units.ts';
import type { CertificateTerm, Fact, FactKind, PortKey, ServiceFact, SubjectKey } from '../domain/watch-alert.ts';

/** What holds of a subject of which nothing is recorded. */
export function ordinaryFact(kind: FactKind): Fact {
  switch (kind) {
    case 'port':
      return { kind, state: 'shut' };
    case 'host':
      return { kind, state: 'away' };
    case 'certificate':
      return { kind, state: 'fine', validTo: null };
    case 'expectation':
      return { kind, state: 'met' };
    case 'probing':
      return { kind, state: 'probed' };
    default:
      return kind satisfies never;
  }
}

/**
 * Is nothing different that would be an alert? What one of them does not know is no difference: a service may not
 * have answered in time, and a scan without detection never tries.
 */
export function isSameFact(a: Fact, b: Fact): boolean {
  if (a.kind !== b.kind || a.state !== b.state) return false;
  if (a.kind !== 'port' || b.kind !== 'port' || a.state === 'shut' || b.state === 'shut') return true;
  if (a.service === null || b.service === null) return true;
  return (
    a.service.name === b.service.name &&
    agree(a.service.product, b.service.product) &&
    agree(a.service.version, b.service.version)
  );
}

const agree = (a: string | null, b: string | null): boolean => a === null || b === null || a === b;

/** The fact with what another sight of the same fact knows more. */
export function refined(fact: Fact, seen: Fact): Fact {
  if (fact.kind === 'certificate' && seen.kind === 'certificate') return fact.validTo === null ? seen : fact;
  if (fact.kind !== 'port' || seen.kind !== 'port' || fact.state === 'shut' || seen.state === 'shut') return fact;
  if (seen.service === null) return fact;
  if (fact.service === null) return seen;
  const { name, product, version } = fact.service;
  const more = { name, product: product ?? seen.service.product, version: version ?? seen.service.version };
  return more.product === product && more.version === version ? fact : { ...fact, service: more };
}

/** The open port as a fact; a name out of the table of ports tells nothing of the service. */
export function openFact({ service: { method, name, product, version } }: Finding): Fact {
  const service: ServiceFact | null =
    method === 'probed' ? { name, product: product ?? null, version: version ?? null } : null;
  return { kind: 'port', state: 'open', service };
}

/** The days at which a certificate that runs out is told, and what each is called. */
const TERMS: readonly (readonly [days: number, term: CertificateTerm])[] = [
  [0, 'expired'],
  [1, '1-day'],
  [7, '7-days'],
  [14, '14-days'],
  [30, '30-days'],
];

/** What is left of the certificate that the port showed; undefined where it showed none. */
export function certificateFact({ tls }: Finding, at: EpochMillis): Fact | undefined {
  if (!tls?.certificate) return undefined;
  const { validTo } = tls.certificate;
  const left = daysLeft(tls.certificate, at);
  const state = TERMS.find(([days]) => left < days)?.[1] ?? 'fine';
  return { kind: 'certificate', state, validTo };
}

export const portKey = ({ protocol, port }: PortAt): PortKey => `${protocol}/${port}`;

export function portOf(key: PortKey): PortAt {
  const [protocol, port] = key.split('/');
  return { protocol: protocol as Protocol, port: Number(port) as PortNumber };
}

/** The port that a subject is of; undefined for the host as a whole. */
export function portOfSubject(key: SubjectKey): PortKey | undefined {
  const space = key.indexOf(' ');
  return space < 0 ? undefined : (key.slice(space + 1) as PortKey);
}

export const kindOf = (key: SubjectKey): FactKind => key.split(' ', 1)[0] as FactKind;
