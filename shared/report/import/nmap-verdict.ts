import type { Protocol } from '../../domain/probe.ts';
import type { Settled } from '../../domain/verdict.ts';

/**
 * nmap's state and reason in our words, or undefined for states that a connect scan cannot know (`unfiltered` of an ACK
 * scan, `closed|filtered` of an idle scan). A raw scan's `reset` is what a connect scan sees as `conn-refused`; a
 * refusal by anyone but the target is `admin-prohibited`.
 */
export function verdictOfWords(protocol: Protocol, state: string, reason: string): Settled | undefined {
  switch (state) {
    case 'open':
      return protocol === 'tcp' ? 'open/syn-ack' : 'open/udp-response';
    case 'closed':
      return protocol === 'tcp' ? 'closed/conn-refused' : 'closed/port-unreach';
    case 'filtered':
      return FILTERED.get(singular(reason)) ?? 'filtered/no-response';
    case 'open|filtered':
      return reason === 'rate-limited' ? 'open|filtered/rate-limited' : 'open|filtered/no-response';
    default:
      return undefined;
  }
}

const FILTERED: ReadonlyMap<string, Settled> = new Map([
  ['host-unreach', 'filtered/host-unreach'],
  ['net-unreach', 'filtered/net-unreach'],
  ['time-exceeded', 'filtered/net-unreach'],
  ['proto-unreach', 'filtered/proto-unreach'],
  ['admin-prohibited', 'filtered/admin-prohibited'],
  ['host-prohibited', 'filtered/admin-prohibited'],
  ['net-prohibited', 'filtered/admin-prohibited'],
  // From a router on the way: the default answer of a rejecting firewall.
  ['port-unreach', 'filtered/admin-prohibited'],
]);

/** Older versions of nmap count in the plural: "no-responses", "host-unreaches". */
const singular = (reason: string): string => reason.replace(/(?<=unreach)es$|s$/, '');
