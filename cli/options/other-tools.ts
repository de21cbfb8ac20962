/*
 * What the hands of nmap's, RustScan's, naabu's and masscan's users type, and what it becomes here. A row is followed by
 * the reader of the command line, listed in docs/command.md, and tried by a test.
 */

/** Whose option it is. */
export type OtherTool = 'nmap' | 'RustScan' | 'naabu' | 'masscan';

export interface OtherOption {
  /** Its spellings, with their dashes. */
  readonly typed: readonly string[];
  readonly tool: OtherTool;
  /** `next`: a value of its own, glued or not. `glued`: a value only without a space, or none. Absent: no value. */
  readonly value?: 'next' | 'glued';
  /** Two tools mean two things by one letter: this row is meant when its value looks like this. */
  readonly when?: RegExp;
  /** Options of ours; "{}" stands for the value. Absent where the option is refused. */
  readonly becomes?: readonly string[];
  /** What is made of the value before it takes the place of "{}". */
  readonly convert?: (value: string) => string;
  /** What is otherwise than the other tool does it: told on standard error, or the reason why it is refused. */
  readonly says?: string;
}

const same = (tool: OtherTool, typed: readonly string[], ...becomes: readonly string[]): OtherOption => ({
  tool,
  typed,
  becomes,
});

const sameWithValue = (tool: OtherTool, typed: readonly string[], ...becomes: readonly string[]): OtherOption => ({
  ...same(tool, typed, ...becomes),
  value: 'next',
});

/** Goes on without it, and says so. */
const without = (typed: readonly string[], says: string, value?: OtherOption['value']): OtherOption => ({
  tool: 'nmap',
  typed,
  becomes: [],
  says,
  ...(value && { value }),
});

/** To go on would do something else than was asked for. */
const refused = (typed: readonly string[], says: string, value?: OtherOption['value']): OtherOption => ({
  tool: 'nmap',
  typed,
  says,
  ...(value && { value }),
});

const by = (tool: OtherTool, option: OtherOption): OtherOption => ({ ...option, tool });

const NO_RAW = 'Portfleet makes whole connections and sends no raw packets, so it needs no privileges.';
const NO_SENDER = `Probes cannot be given another sender. ${NO_RAW}`;
const NO_SYSTEM = `No operating system is guessed. ${NO_RAW}`;
const NO_SCRIPTS = 'There are no scripts; -sV tells products and versions, --tls tells certificates.';
const PORTS_OF_PING =
  'Its ports count with -sn; else every port of every address is probed, unless --discover is given.';
const NO_PING = 'Hosts are looked for with probes of ports alone.';
const OWN_PACE = 'How much is under way follows from what each target answers; --rate bounds it.';

/** One probe every so long, as probes a second. */
function rateOfDelay(delay: string): string {
  const [, digits = '', unit = ''] = /^(\d*\.?\d+)(ms|s|m|h|)$/i.exec(delay.trim()) ?? [];
  const seconds = Number(digits) * ({ ms: 0.001, m: 60, h: 3_600 }[unit.toLowerCase()] ?? 1);
  return seconds > 0 ? String(1 / seconds) : delay;
}

const NMAP: readonly OtherOption[] = [
  same('nmap', ['-sT'], '--tcp'),
  same('nmap', ['-sU'], '--udp'),
  same('nmap', ['-sV', '-sR'], '--service-detection'),
  { ...same('nmap', ['-sS'], '--tcp'), says: `A connect scan (-sT) is made instead. ${NO_RAW}` },
  { ...same('nmap', ['-A'], '--service-detection', '--tls'), says: `Only services are detected. ${NO_SCRIPTS}` },
  same('nmap', ['-n'], '--reverse-names', 'none'),
  same('nmap', ['-R'], '--reverse-names', 'all'),
  {
    ...sameWithValue('nmap', ['--proxies'], '--proxy', '{}'),
    says: 'One proxy is gone through, and no chain of them.',
  },
  same('nmap', ['-F'], '--top-ports', '100'),
  sameWithValue('nmap', ['-iL'], '--input-list', '{}'),
  sameWithValue('nmap', ['--excludefile'], '--exclude-file', '{}'),
  sameWithValue('nmap', ['-oN'], '--output-text', '{}'),
  sameWithValue('nmap', ['-oX'], '--output-xml', '{}'),
  sameWithValue('nmap', ['-oG', '-oM'], '--output-greppable', '{}'),
  sameWithValue('nmap', ['-oJ'], '--output-json', '{}'),
  sameWithValue('nmap', ['-oA'], '--output-all', '{}'),
  sameWithValue('nmap', ['--max-retries'], '--retries', '{}'),
  { ...sameWithValue('nmap', ['--max-rate'], '--rate', '{}'), says: 'The rate is that to each target address.' },
  { ...sameWithValue('nmap', ['--scan-delay'], '--rate', '{}'), convert: rateOfDelay },
  { ...same('nmap', ['-d', '--debug'], '-v', '-v'), value: 'glued' },
  same('nmap', ['-Pn', '-P0', '-PN', '--reason', '--system-dns', '--noninteractive', '--privileged', '--unprivileged']),
  same('nmap', ['--allports', '--log-errors', '--send-ip', '--send-eth', '--nogcc']),
  same('nmap', ['--unique', '--resolve-all', '--deprecated-xml-osclass']),
  same('nmap', ['--webxml'], '--stylesheet', 'https://nmap.org/svn/docs/nmap.xsl'),
  without(['-O', '--osscan-guess', '--osscan-limit', '--fuzzy'], NO_SYSTEM),
  without(['--max-os-tries'], NO_SYSTEM, 'next'),
  without(['--adler32'], NO_RAW),
  without(['-sC'], NO_SCRIPTS),
  without(['--script', '--script-args', '--script-args-file', '--script-timeout'], NO_SCRIPTS, 'next'),
  without(['--script-updatedb', '--script-trace'], NO_SCRIPTS),
  same('nmap', ['-sn', '-sP'], '--hosts-only'),
  {
    ...same('nmap', ['-PS', '-PA', '-PT'], '--discovery-ports', 'T:{}'),
    value: 'glued',
    convert: (ports) => ports || '80',
    says: PORTS_OF_PING,
  },
  {
    ...same('nmap', ['-PU'], '--discovery-ports', 'U:{}'),
    value: 'glued',
    convert: (ports) => ports || '40125',
    says: PORTS_OF_PING,
  },
  without(['-PY', '-PO', '-PE', '-PP', '-PM', '-PR', '-PB', '-PI'], NO_PING, 'glued'),
  without(['--disable-arp-ping', '--discovery-ignore-rst'], NO_PING),
  without(['--traceroute', '--tr'], 'No route is traced.'),
  { ...sameWithValue('RustScan', ['-r'], '--ports', '{}'), when: /^\d+-\d+$/ },
  same('nmap', ['-r'], '--in-order'),
  without(['--randomize-hosts', '--rH'], 'Addresses and ports are always probed in a random order.'),
  without(['--max-scan-delay', '--min-parallelism', '--min-hostgroup', '--max-hostgroup'], OWN_PACE, 'next'),
  sameWithValue('nmap', ['--max-parallelism'], '--sockets', '{}'),
  without(['--defeat-rst-ratelimit', '--defeat-icmp-ratelimit', '--release-memory'], OWN_PACE),
  { ...sameWithValue('nmap', ['--version-intensity'], '--service-detection'), says: 'Every probe that fits is tried.' },
  {
    ...same('nmap', ['--version-light', '--version-all'], '--service-detection'),
    says: 'Every probe that fits is tried.',
  },
  { ...same('nmap', ['--version-trace', '--packet-trace'], '-v', '-v'), says: 'Workers are logged, packets are not.' },
  without(['--port-ratio', '--datadir', '--servicedb', '--versiondb', '--nsock-engine'], 'It is not used.', 'next'),
  { ...same('nmap', ['-sL'], '--dry-run'), says: 'The plan is shown, and no host is probed.' },
  refused(['-S', '--spoof-mac', '-D', '--decoy', '--source-port', '-sI'], NO_SENDER, 'next'),
  { ...refused(['-g'], NO_SENDER, 'next'), when: /^\d+$/ },
  { ...sameWithValue('RustScan', ['-e'], '--exclude', '{}'), when: /[.:]/ },
  refused(['-e'], 'The interface follows from the route to each target; it cannot be chosen.', 'next'),
  refused(['-f', '-ff', '--ff', '--badsum', '-sA', '-sW', '-sM', '-sN', '-sF', '-sX', '-sY', '-sZ', '-sO'], NO_RAW),
  { ...sameWithValue('RustScan', ['-b'], '--sockets', '{}'), when: /^\d+$/ },
  refused(
    ['--mtu', '--data', '--data-string', '--data-length', '--ip-options', '--ttl', '--scanflags', '-b'],
    NO_RAW,
    'next',
  ),
  refused(['-iR'], 'Scan only hosts that are yours, or whose owner has allowed it.', 'next'),
  refused(['--script-help'], NO_SCRIPTS, 'next'),
  refused(['--route-dst'], 'Routes are told by "ip route get".', 'next'),
  refused(['--iflist'], 'Interfaces are listed by "ip address".'),
  refused(['--thc'], 'It only prints a greeting.'),
  refused(
    ['--resume'],
    'Every scan is kept: "portfleet list" has its id, "portfleet resume <id>" goes on with it.',
    'next',
  ),
  refused(['-oS', '-oH'], 'There is no such format; -oN, -oX, -oG and -oJ write a file.', 'next'),
];

const RUSTSCAN: readonly OtherOption[] = [
  sameWithValue('RustScan', ['-a', '--addresses'], '{}'),
  sameWithValue('RustScan', ['--range'], '--ports', '{}'),
  sameWithValue('RustScan', ['--batch-size'], '--sockets', '{}'),
  { ...sameWithValue('RustScan', ['-t'], '--timeout', '{}ms'), says: 'The value is taken for milliseconds.' },
  { ...sameWithValue('RustScan', ['--tries'], '--retries', '{}'), convert: (tries) => String(Number(tries) - 1) },
  same('RustScan', ['--top'], '--top-ports', '1000'),
  sameWithValue('RustScan', ['-x'], '--exclude-ports', '{}'),
  sameWithValue('RustScan', ['--exclude-addresses'], '--exclude', '{}'),
  same('RustScan', ['--greppable', '-g'], '--quiet', '--format', 'list'),
  same('RustScan', ['--accessible'], '--quiet'),
  by('RustScan', without(['--ulimit', '-u'], 'Workers use what they may open; --sockets asks for fewer.', 'next')),
  by('RustScan', without(['--scan-order'], 'Ports are probed in a random order.', 'next')),
  by('RustScan', without(['--scripts'], NO_SCRIPTS, 'next')),
  same('RustScan', ['--no-banner']),
];

const NAABU: readonly OtherOption[] = [
  sameWithValue('naabu', ['-host'], '{}'),
  sameWithValue('naabu', ['-l', '-list'], '--input-list', '{}'),
  sameWithValue('naabu', ['-eh', '-exclude-hosts'], '--exclude', '{}'),
  sameWithValue('naabu', ['-ef'], '--exclude-file', '{}'),
  sameWithValue('naabu', ['-port'], '--ports', '{}'),
  sameWithValue('naabu', ['-pf'], '--ports-file', '{}'),
  sameWithValue('naabu', ['-tp'], '--top-ports', '{}'),
  sameWithValue('naabu', ['-ep'], '--exclude-ports', '{}'),
  same('naabu', ['-json', '-j'], '--format', 'jsonl'),
  same('naabu', ['-csv'], '--format', 'csv'),
  same('naabu', ['-silent'], '--quiet', '--format', 'list'),
  {
    ...sameWithValue('naabu', ['-timeout'], '--timeout', '{}'),
    convert: (time) => (/^\d+$/.test(time) ? `${time}ms` : time),
  },
  sameWithValue('naabu', ['-o', '-output'], '--output-text', '{}'),
  sameWithValue('naabu', ['-c'], '--sockets', '{}'),
  same('naabu', ['-sa', '-scan-all-ips', '-verify', '-skip-host-discovery', '-duc', '-nmap']),
  same('naabu', ['-wn', '-with-host-discovery'], '--discover'),
  same('naabu', ['-host-discovery'], '--hosts-only'),
  by('naabu', refused(['-proxy-auth'], 'Write them into --proxy: socks5://user:password@host:port.', 'next')),
  same('naabu', ['-stats'], '--stats-every', '5s'),
  same('naabu', ['-debug'], '-v', '-v'),
  { ...sameWithValue('naabu', ['-iv', '-ip-version'], '--ipv{}') },
];

/** What masscan has beside those of nmap, whose names it takes over. */
const MASSCAN: readonly OtherOption[] = [
  { ...same('masscan', ['--banners'], '--service-detection'), says: 'Services are asked what they are, as by -sV.' },
  same('masscan', ['--open-only'], '--open'),
  by('masscan', without(['--wait'], OWN_PACE, 'next')),
  by('masscan', without(['--ping'], NO_PING)),
  by('masscan', without(['--seed'], 'Each scan has a seed of its own.', 'next')),
  by(
    'masscan',
    refused(
      ['-oL', '-oB', '-oU', '-oD'],
      'There is no such format; --format jsonl and list write a line a port.',
      'next',
    ),
  ),
  by(
    'masscan',
    refused(['--readscan'], '"portfleet import <file>" keeps the scan of another tool as one of yours.', 'next'),
  ),
  by('masscan', refused(['--shard', '--shards'], 'Workers share a scan by themselves.', 'next')),
  by(
    'masscan',
    refused(
      [
        '--adapter',
        '--adapter-ip',
        '--adapter-port',
        '--adapter-mac',
        '--router-ip',
        '--router-mac',
        '--source-ip',
        '--src-ip',
      ],
      NO_SENDER,
      'next',
    ),
  ),
];

export const OTHER_OPTIONS: readonly OtherOption[] = [...NMAP, ...RUSTSCAN, ...NAABU, ...MASSCAN];
