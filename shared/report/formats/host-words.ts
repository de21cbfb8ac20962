import { certificateConcerns, concernWords } from '../../domain/certificate-concerns.ts';
import type { Finding } from '../../domain/finding.ts';
import type { HostFacts } from '../../domain/imported.ts';
import { formatPorts, NO_PORTS, type PortSet } from '../../domain/port-set.ts';
import type { TlsFacts } from '../../domain/tls-facts.ts';
import { tlsWeaknesses, weaknessWords } from '../../domain/tls-weaknesses.ts';
import type { EpochMillis } from '../../domain/units.ts';
import { isGap, UNPROBED_WORDS, type UnprobedCause } from '../../domain/verdict.ts';
import type { FoldedHost, PortGap, PortGroup } from './fold.ts';

/** "1 port", "65535 ports": digits without separators, so that they can be searched for. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** "65,535", for figures that are to be taken in at a glance; in every locale the same. */
export const thousands = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** A host as its headings know it. */
interface NamedHost {
  readonly names: readonly string[];
  readonly reverseNames?: readonly string[];
  readonly address: string;
}

/** What a host is called: as the user did, or else as DNS has it for the address. Not escaped. */
export const shownNames = ({ names, reverseNames = [] }: Pick<NamedHost, 'names' | 'reverseNames'>) =>
  names.length > 0 ? names : reverseNames;

/** "web.example (192.0.2.1)", or the address alone. Not escaped. */
export function hostHeadline(host: NamedHost): string {
  const names = shownNames(host);
  return names.length > 0 ? `${names.join(', ')} (${host.address})` : host.address;
}

/** nmap's sentence where DNS calls the address otherwise than the user; none where the heading has said it. */
export function reverseNote({ names, reverseNames = [], address }: NamedHost): string[] {
  const others = reverseNames.filter((name) => !names.includes(name));
  return names.length === 0 || others.length === 0 ? [] : [`rDNS record for ${address}: ${others.join(', ')}`];
}

/** A heading needs no more than the first few targets. */
const MOST_TARGETS = 5;

/** "web.example, 10.0.0.0/24 and 3 more", for a title. Not escaped. */
export const targetsHeadline = (targets: readonly string[]): string =>
  targets.length <= MOST_TARGETS
    ? targets.join(', ')
    : `${targets.slice(0, MOST_TARGETS).join(', ')} and ${targets.length - MOST_TARGETS} more`;

/** The sentences on a host beside the table of its ports, one sentence each, without full stops. */
export function hostNotes({ rows, folded, gaps }: FoldedHost, facts: HostFacts = {}): string[] {
  return [
    ...factNotes(facts),
    ...(rows.some(({ finding }) => finding) ? [] : ['No open port found']),
    ...(folded.length === 0 ? [] : [`Not shown: ${folded.map(notShownWords).join(', ')}`]),
    ...rows.flatMap(({ finding }) => (finding ? [...certificateNotes(finding), ...sshNotes(finding)] : [])),
    ...unknownNotes(rows),
    ...gaps.map((gap) => `Not probed: ${gapRanges(gap)} (${gapWords(gap.verdict)})`),
  ];
}

/** What an imported file says of the host itself, in nmap's words. */
function factNotes({ status, mac, vendor }: HostFacts): string[] {
  return [
    ...(status ? [`Host is ${status.state} (${status.reason})`] : []),
    ...(mac === undefined ? [] : [`MAC Address: ${mac}${vendor === undefined ? '' : ` (${vendor})`}`]),
  ];
}

/** `65531 closed tcp ports (conn-refused)`, as nmap says it. */
const notShownWords = ({ protocol, state, reason, count }: PortGroup): string =>
  `${count} ${state} ${protocol} ${count === 1 ? 'port' : 'ports'} (${reason})`;

/** The ranges of a group or gap in the port grammar: "22,8000-9000" or "U:53". */
export function rangesText({ protocol, ranges }: Pick<PortGap, 'protocol' | 'ranges'>): string {
  const set: PortSet = { ...NO_PORTS, [protocol]: ranges };
  return formatPorts(set);
}

/** Why the ports were not probed, in words for a person. */
export const gapWords = (verdict: PortGap['verdict']): string =>
  verdict === 'pending' ? 'not yet probed' : UNPROBED_WORDS[verdict.slice('unprobed/'.length) as UnprobedCause];

/** "U:53 (the time ran out)" for all ports that were to be probed and were not; null where every one was. */
export function gapsText({ gaps }: FoldedHost): string | null {
  const words = gaps
    .filter(({ verdict }) => isGap(verdict))
    .map((gap) => `${gapRanges(gap)} (${gapWords(gap.verdict)})`);
  return words.length === 0 ? null : `not probed: ${words.join('; ')}`;
}

/** A scan that was cancelled leaves gaps all over the shuffled range: thousands. The JSON has every one. */
const MOST_RANGES = 40;

function gapRanges(gap: PortGap): string {
  if (gap.verdict === 'pending') return counted(gap.count, 'port');
  if (gap.ranges.length <= MOST_RANGES) return rangesText(gap);
  return `${counted(gap.count, `${gap.protocol} port`)} in ${gap.ranges.length} ranges`;
}

/** "CN=example.org, expires in 12 days, self-signed": what is worth knowing of the certificate of a port, if it has one. */
export const certificateWords = ({ tls, seenAt }: Finding): string | undefined =>
  tls?.certificate ? [tls.certificate.subject || 'no subject', ...concernsWords(tls, seenAt)].join(', ') : undefined;

/** Everything that was wrong with the certificate when it was seen. */
export const concernsWords = (tls: TlsFacts, seenAt: EpochMillis): string[] => [
  ...certificateConcerns(tls, seenAt).map((concern) => concernWords(concern, tls, seenAt)),
  ...tlsWeaknesses(tls).map((weakness) => weaknessWords(weakness, tls)),
];

/** The same as a note on the host, if there is anything to note. */
function certificateNotes(finding: Finding): string[] {
  const words = certificateWords(finding);
  return words === undefined ? [] : [`Certificate of ${finding.port}/${finding.protocol}: ${words}`];
}

/** An SSH server offers a dozen weak algorithms at the most that one wants to read of; the JSON has every one. */
const MOST_WEAK = 12;

/** By which keys clients know an SSH server, and what it still offers that is weak. */
function sshNotes({ port, protocol, service: { ssh } }: Finding): string[] {
  const keys = ssh?.hostKeys?.map(({ type, bits, fingerprint }) => `${fingerprint} (${keyWords(type, bits)})`) ?? [];
  const weak = ssh?.weak ?? [];
  const shown = weak.slice(0, MOST_WEAK);
  const more = weak.length > shown.length ? [`${weak.length - shown.length} more`] : [];
  return [
    ...(keys.length === 0 ? [] : [`Host keys of ${port}/${protocol}: ${keys.join(', ')}`]),
    ...(weak.length === 0 ? [] : [`Weak algorithms of ${port}/${protocol}: ${[...shown, ...more].join(', ')}`]),
  ];
}

/** Of a host that is unknown on many ports, the first tell enough; the JSON has every one. */
const MOST_UNKNOWN = 5;

/** What services said that no matcher claims, for whoever knows them to send in. */
function unknownNotes(rows: FoldedHost['rows']): string[] {
  const unknown = rows.flatMap(({ finding }) => (finding?.service.fingerprint === undefined ? [] : [finding]));
  if (unknown.length === 0) return [];
  const more = unknown.length - MOST_UNKNOWN;
  const [those, them] = unknown.length === 1 ? ['that service', 'it'] : ['those services', 'them'];
  return [
    ...unknown
      .slice(0, MOST_UNKNOWN)
      .map(({ port, protocol, service }) => `Fingerprint of ${port}/${protocol}: ${service.fingerprint}`),
    `If you know ${those}, send ${them} in (docs/services.md)${more > 0 ? `; the JSON has ${more} more` : ''}`,
  ];
}

/** "RSA 3072", "ED25519", "ECDSA 256": the kind without what every name of a kind begins with. */
export function keyWords(type: string, bits: number | null): string {
  const kind = type.startsWith('ecdsa-') ? 'ECDSA' : type.replace(/^ssh-/, '').toUpperCase();
  return bits === null || kind === 'ED25519' ? kind : `${kind} ${bits}`;
}
