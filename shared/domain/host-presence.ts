import type { HostReport } from './report.ts';
import { isSettled, type Reason, type Settled, stateAndReason } from './verdict.ts';

/**
 * What the ports of a host tell of the host itself. Only another scanner's file knows of pings; what it says goes first.
 *
 *   up       a port answered, with itself or with a refusal
 *   down     every port that was probed is unreachable: some router says that there is no such host or network
 *   silent   probed, and the host itself gave no sign: down, or everything is filtered; from here the two look alike
 *   unasked  no port was probed to the end
 */
export type Presence =
  /** The reason is a port's, or a word of another scanner. */
  | { readonly state: 'up' | 'down'; readonly reason: string }
  | { readonly state: 'silent' }
  | { readonly state: 'unasked' };

export function presenceOf(host: HostReport): Presence {
  if (host.facts?.status) return host.facts.status;
  const [finding] = host.findings;
  if (finding) return { state: 'up', reason: finding.reason };
  const reasons = new Set(
    host.runs.flatMap(({ verdict }) => (isSettled(verdict) ? [stateAndReason(verdict).reason] : [])),
  );
  if (reasons.size === 0) return { state: isFoundSilent(host) ? 'silent' : 'unasked' };
  for (const answer of ANSWERS) if (reasons.has(answer)) return { state: 'up', reason: answer };
  if ([...reasons].some((reason) => !UNREACHABLE.includes(reason))) return { state: 'silent' };
  return { state: 'down', reason: reasons.has('host-unreach') ? 'host-unreach' : 'net-unreach' };
}

/** Did host discovery find it silent? The ports that it went by need not be among those of the scan. */
const isFoundSilent = ({ runs }: HostReport): boolean => runs.some(({ verdict }) => verdict === 'unprobed/host-silent');

const UNREACHABLE: readonly Reason[] = ['host-unreach', 'net-unreach'];

/** Does the port tell that there is a host at all? */
export const isAnswer = (verdict: Settled): boolean =>
  ANSWERS.some((answer) => answer === stateAndReason(verdict).reason);

/** Reasons that only the host itself can give, if a proxy is believed. `admin-prohibited` is the word of a firewall, perhaps of our own. */
const ANSWERS = [
  'syn-ack',
  'udp-response',
  'conn-refused',
  'reset',
  'port-unreach',
  'proto-unreach',
  'proxy-connected',
  'proxy-refused',
] as const;
