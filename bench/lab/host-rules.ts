/** The far host's behaviour as data, and that data as an nftables ruleset. Pure. */

export type LabProtocol = 'tcp' | 'udp';

/** ICMP answers by nmap's word for each, and how nftables spells them (`icmpx` is both families; the rest only IPv4). */
export const REJECTIONS = {
  'admin-prohibited': 'icmpx type admin-prohibited',
  'host-unreach': 'icmpx type host-unreachable',
  'net-unreach': 'icmpx type no-route',
  'port-unreach': 'icmpx type port-unreachable',
  'proto-unreach': 'icmp type prot-unreachable',
  'host-prohibited': 'icmp type host-prohibited',
  'net-prohibited': 'icmp type net-prohibited',
} as const;
export type Rejection = keyof typeof REJECTIONS;

/** What becomes of an attempt. `through` reaches the kernel, which answers for a listener, or that there is none. */
export type Treatment =
  | { readonly kind: 'through' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'reject'; readonly with: Rejection };

/** The attempts before the nth are dropped, of each address and port on its own; the later ones get through. */
export interface Late {
  readonly kind: 'late';
  readonly attempt: number;
}

export interface PortRule {
  readonly protocol: LabProtocol;
  readonly ports: readonly number[];
  /** Only at this address; undefined is every address of the host. */
  readonly at: string | undefined;
  readonly treatment: Treatment | Late;
}

/** Answers a second, by a token bucket with 50 ms' worth in it; what is over is dropped. */
export interface AnswerLimits {
  /** SYNs let in: a firewall that thins what it takes for a flood, before it looks at the port. */
  readonly syns?: number;
  /** Resets let out, as systems do that limit them (BSD: 200 a second). Open ports answer all the same. */
  readonly resets?: number;
}

export interface HostState {
  /** The first rule that fits decides. */
  readonly rules: readonly PortRule[];
  readonly rest: Record<LabProtocol, Treatment>;
  /** The addresses that exist, IPv4; undefined is all. What is sent to another one is lost without a word. */
  readonly alive: readonly string[] | undefined;
  readonly limits: AnswerLimits;
  /** Every TCP connection goes to this port's listener. */
  readonly redirect: number | undefined;
  readonly dead: boolean;
  readonly ban: Ban | undefined;
}

/** After so many SYNs, whoever sent them is answered no more, or by resets alone: a port sentry. */
export interface Ban {
  readonly after: number;
  readonly by: 'silence' | 'resets';
}

/** A SYN of Linux over IPv4: 20 bytes of IP, 20 of TCP, 20 of options. The quota of nftables counts bytes. */
const SYN_BYTES = 60;

export const PLAIN_HOST: HostState = {
  rules: [],
  rest: { tcp: { kind: 'through' }, udp: { kind: 'through' } },
  alive: undefined,
  limits: {},
  redirect: undefined,
  dead: false,
  ban: undefined,
};

/** The ruleset that makes a namespace behave so, replacing the one before in one step. */
export function rulesetOf(state: HostState): string {
  const chains: string[] = [];
  const input = [
    'iifname "lo" accept',
    ...(state.dead ? ['drop'] : []),
    ...(state.alive ? [`ip daddr != { ${state.alive.join(', ')} } drop`] : []),
    ...(state.ban ? [banRule(state.ban)] : []),
    // Only the first packet of a connection is judged; those that follow belong to one that was let in.
    'meta l4proto tcp tcp flags & (syn | ack) != syn accept',
    ...limit('meta l4proto tcp', state.limits.syns),
    ...state.rules.flatMap((rule, index) => portRule(rule, index, chains)),
    ...(['tcp', 'udp'] as const).map((protocol) => `meta l4proto ${protocol} ${verdict(state.rest[protocol])}`),
  ];
  const redirect = state.redirect === undefined ? [] : [`meta l4proto tcp redirect to :${state.redirect}`];
  return [
    'table inet lab',
    'delete table inet lab',
    'table inet lab {',
    ...chains,
    chain('input', 'type filter hook input priority 0; policy accept;', input),
    chain(
      'output',
      'type filter hook output priority 0; policy accept;',
      limit('tcp flags & rst == rst', state.limits.resets),
    ),
    ...(redirect.length > 0 ? [chain('prerouting', 'type nat hook prerouting priority -100;', redirect)] : []),
    '}',
    '',
  ].join('\n');
}

const banRule = ({ after, by }: Ban): string =>
  `tcp flags & (syn | ack) == syn quota over ${after * SYN_BYTES} bytes ${by === 'silence' ? 'drop' : 'reject with tcp reset'}`;

const chain = (name: string, hook: string, rules: readonly string[]): string =>
  [`chain ${name} {`, hook, ...rules, '}'].join('\n');

/** The bucket holds 50 ms' worth, as the wire's cap does, and one packet at the least. */
const limit = (match: string, perSecond: number | undefined): string[] =>
  perSecond === undefined
    ? []
    : [`${match} limit rate over ${perSecond}/second burst ${Math.max(1, Math.round(perSecond / 20))} packets drop`];

function portRule(rule: PortRule, index: number, chains: string[]): string[] {
  if (rule.ports.length === 0) return [];
  const where = rule.at === undefined ? '' : `${rule.at.includes(':') ? 'ip6' : 'ip'} daddr ${rule.at} `;
  const match = `${where}${rule.protocol} dport { ${spans(rule.ports).join(', ')} }`;
  if (rule.treatment.kind !== 'late') return [`${match} ${verdict(rule.treatment)}`];
  chains.push(...lateChain(`late${index}`, rule.protocol, rule.treatment.attempt));
  return [`${match} jump late${index}`, `${match} accept`];
}

function verdict(treatment: Treatment): string {
  switch (treatment.kind) {
    case 'through':
      return 'accept';
    case 'drop':
      return 'drop';
    case 'reject':
      return `reject with ${REJECTIONS[treatment.with]}`;
    default:
      return treatment satisfies never;
  }
}

/**
 * Each earlier attempt has a set of the (address, port) pairs that have made it. A packet climbs one set and is dropped,
 * until its pair is in all of them: then it returns, to be let through.
 */
function lateChain(name: string, protocol: LabProtocol, attempt: number): string[] {
  const families = [
    { key: 'ip', type: 'ipv4_addr' },
    { key: 'ip6', type: 'ipv6_addr' },
  ];
  const rules: string[] = [];
  const sets: string[] = [];
  for (const { key, type } of families) {
    for (let earlier = 1; earlier < attempt; earlier++) {
      const set = `${name}_${key}_${earlier}`;
      sets.push(`set ${set} { type ${type} . inet_service; size ${1 << 20}; flags dynamic; }`);
      rules.push(`${key} daddr . ${protocol} dport != @${set} add @${set} { ${key} daddr . ${protocol} dport } drop`);
    }
  }
  return [...sets, chain(name, '', rules)];
}

/** Sorted ports as nftables writes them, neighbours together: "22", "80-90". */
function spans(ports: readonly number[]): string[] {
  const sorted = [...new Set(ports)].sort((a, b) => a - b);
  const found: [number, number][] = [];
  for (const port of sorted) {
    const last = found.at(-1);
    if (last && last[1] + 1 === port) last[1] = port;
    else found.push([port, port]);
  }
  return found.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
}
