import type { Protocol } from '../../domain/probe.ts';
import { isSettled, type Settled, verdictNamed } from '../../domain/verdict.ts';

/**
 * nmap's state and reason in our words, or undefined for `unfiltered`, the state of an ACK scan, which is open or closed.
 * A refusal by anyone but the target is `admin-prohibited`. A proxy's word is told by our own reports alone.
 */
export function verdictOfWords(protocol: Protocol, state: string, reason: string): Settled | undefined {
  if (reason.startsWith('proxy-')) {
    const own = verdictNamed(`${state}/${reason}`);
    if (own && isSettled(own)) return own;
  }
  switch (state) {
    case 'open':
      return protocol === 'tcp' ? 'open/syn-ack' : 'open/udp-response';
    case 'closed':
      if (singular(reason) === 'reset') return 'closed/reset';
      return protocol === 'tcp' ? 'closed/conn-refused' : 'closed/port-unreach';
    case 'filtered':
      return FILTERED.get(singular(reason)) ?? 'filtered/no-response';
    case 'open|filtered':
      return reason === 'rate-limited' ? 'open|filtered/rate-limited' : 'open|filtered/no-response';
    case 'closed|filtered':
      return 'closed|filtered/not-listed';
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
