import type { Protocol } from './probe.ts';
import type { HttpFacts, SshFacts } from './service-facts.ts';
import type { TlsFacts } from './tls-facts.ts';
import type { Address, EpochMillis, Millis, PortNumber } from './units.ts';
import type { PortState, Reason } from './verdict.ts';

/** The service behind a port. `table` is what the registry says of the number, `probed` what really answered. */
export interface Service {
  /** The registered name, or "unavailable" where there is none. */
  readonly name: string;
  readonly method: 'table' | 'probed';
  /** The program, as it names itself ("OpenSSH", "nginx"). Like everything below, text from the network. */
  readonly product?: string;
  readonly version?: string;
  /** What else is worth a look: the title of a page, where it redirects to, what the server allows. */
  readonly info?: string;
  /** The name that the host gives itself, the operating system, and the kind of machine, as the service says. */
  readonly hostname?: string;
  readonly ostype?: string;
  readonly devicetype?: string;
  /** The product and the operating system in the Common Platform Enumeration, in version 2.2 as nmap writes it. */
  readonly cpe?: readonly string[];
  /** An imported file says that the service speaks TLS, and nothing more of it; see `Finding.tls`. */
  readonly tunnel?: 'ssl';
  readonly http?: HttpFacts;
  readonly ssh?: SshFacts;
  /** What an unknown service said, to be sent in: the question, and the first bytes of the answer, escaped. */
  readonly fingerprint?: string;
  /** How sure the name is, on nmap's scale to 10; see `Match`. */
  readonly confidence?: number;
}

/** What we claim of one open port after all attempts. Its key in a scan is (address, protocol, port). */
export interface Finding {
  readonly address: Address;
  readonly protocol: Protocol;
  readonly port: PortNumber;
  readonly state: PortState;
  readonly reason: Reason;
  readonly service: Service;
  readonly seenAt: EpochMillis;
  /** From the probe to its answer. */
  readonly rtt: Millis;
  /** Which attempt was answered, from 1. */
  readonly attempt: number;
  /**
   * The first bytes that the port said to service detection, one character a byte (see `latin1`); empty where it
   * said nothing. Absent where it was never probed.
   */
  readonly banner?: string;
  /** What its TLS handshake told, where it speaks TLS. */
  readonly tls?: TlsFacts;
}

/** Service detection has run on the port, whatever it said. */
export const wasIdentified = (finding: Finding): boolean => finding.banner !== undefined;

/** The port speaks TLS, from the first byte or after STARTTLS. */
export const speaksTls = ({ tls, service }: Finding): boolean => tls !== undefined || service.tunnel === 'ssl';

/** What is kept of two findings of one port: the first sight of it, and the first that was learnt of its service. */
export function joinFindings(first: Finding, later: Finding): Finding {
  if (wasIdentified(first) || !wasIdentified(later)) return first;
  const { service, banner, tls } = later;
  return { ...first, service, ...(banner !== undefined && { banner }), ...(tls && { tls }) };
}

/** Those of each address, in the order in which they come. */
export function findingsByAddress(findings: Iterable<Finding>): ReadonlyMap<Address, readonly Finding[]> {
  const found = new Map<Address, Finding[]>();
  for (const finding of findings) {
    const known = found.get(finding.address);
    if (known) known.push(finding);
    else found.set(finding.address, [finding]);
  }
  return found;
}
