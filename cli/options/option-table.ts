/*
 * Every option of the command, declared once. The reader of the command line, the types of the commands, --help, the man
 * page, shell completion, the config file and docs/command.md are all made from this table.
 */

/** The headings of `scan --help`, in the order in which a scan needs them. */
export const GROUPS = {
  targets: 'Targets',
  ports: 'Ports',
  timing: 'Timing',
  found: 'What answers',
  output: 'Output',
  checks: 'Checks',
  where: 'Where it runs',
} as const;

export type OptionGroup = keyof typeof GROUPS;

/** What the shell completes a value with. */
export type ShellCompletion = 'file' | 'directory' | readonly string[];

export interface OptionSpec {
  /** `flag` is there or not; `count` may be there several times; `one` has one value; `list` adds its values up. */
  readonly kind: 'flag' | 'count' | 'one' | 'list';
  readonly long: `--${string}`;
  readonly short?: `-${string}`;
  /** The value in the help: "<file>"; absent for a flag. */
  readonly value?: string;
  readonly group: OptionGroup;
  readonly help: string;
  readonly completes?: ShellCompletion;
  /**
   * The option may be set in a file, a profile or the environment: `anywhere`, or only where the user writes. What says
   * where scans go, what is read, written or deleted is for the user alone: portfleet.yaml lies in a directory that
   * another may have filled.
   */
  readonly setting?: 'anywhere' | 'user';
}

const FORMAT_NAMES = [
  'text',
  'list',
  'json',
  'jsonl',
  'csv',
  'xml',
  'greppable',
  'markdown',
  'junit',
  'sarif',
  'html',
] as const;

/** `--format` of what is a list of a few columns. */
const TEXT_OR_JSON = {
  kind: 'one',
  long: '--format',
  value: '<name>',
  group: 'output',
  help: 'text or json (default: text)',
  completes: ['text', 'json'],
} as const satisfies OptionSpec;

export const OPTIONS = {
  inputList: {
    kind: 'list',
    long: '--input-list',
    value: '<file>',
    group: 'targets',
    help: 'read targets from a file, or from standard input with "-" (-iL)',
    completes: 'file',
  },
  exclude: {
    kind: 'list',
    long: '--exclude',
    value: '<targets>',
    group: 'targets',
    help: 'leave these hosts out',
    setting: 'anywhere',
  },
  excludeFile: {
    kind: 'list',
    long: '--exclude-file',
    value: '<file>',
    group: 'targets',
    help: 'leave out the hosts that a file names (--excludefile)',
    completes: 'file',
    setting: 'user',
  },
  ipv4: {
    kind: 'flag',
    long: '--ipv4',
    short: '-4',
    group: 'targets',
    help: 'only the IPv4 addresses of a name',
    setting: 'anywhere',
  },
  ipv6: {
    kind: 'flag',
    long: '--ipv6',
    short: '-6',
    group: 'targets',
    help: 'only the IPv6 addresses of a name',
    setting: 'anywhere',
  },
  reverseNames: {
    kind: 'one',
    long: '--reverse-names',
    value: '<hosts>',
    group: 'found',
    help: 'look up the names of addresses: none (-n), live for hosts that answer, or all (-R) (default: live)',
    completes: ['none', 'live', 'all'],
    setting: 'anywhere',
  },
  dnsServers: {
    kind: 'list',
    long: '--dns-servers',
    value: '<servers>',
    group: 'where',
    help: 'ask these name servers: 192.0.2.53, 127.0.0.1:5353',
    setting: 'user',
  },
  proxy: {
    kind: 'one',
    long: '--proxy',
    value: '<url>',
    group: 'where',
    help: 'connect through it: socks5://host:port, http://user:password@host:port (PORTFLEET_PROXY is not seen by others)',
    setting: 'user',
  },
  ports: {
    kind: 'list',
    long: '--ports',
    short: '-p',
    value: '<spec>',
    group: 'ports',
    help: '"22,80,8000-9000", "T:443,U:53", "http*", "-1024", "full" (default: every TCP port)',
    setting: 'anywhere',
  },
  portsFile: {
    kind: 'list',
    long: '--ports-file',
    value: '<file>',
    group: 'ports',
    help: 'read ports from a file, or from standard input with "-"',
    completes: 'file',
  },
  topPorts: {
    kind: 'one',
    long: '--top-ports',
    value: '<n>',
    group: 'ports',
    help: 'the n most usual ports instead',
    setting: 'anywhere',
  },
  excludePorts: {
    kind: 'list',
    long: '--exclude-ports',
    value: '<spec>',
    group: 'ports',
    help: 'leave these ports out',
    setting: 'anywhere',
  },
  tcp: {
    kind: 'flag',
    long: '--tcp',
    group: 'ports',
    help: 'probe TCP ports; with --udp, both (-sT)',
    setting: 'anywhere',
  },
  udp: {
    kind: 'flag',
    long: '--udp',
    group: 'ports',
    help: 'probe UDP ports where the spec names no protocol (-sU)',
    setting: 'anywhere',
  },
  discover: {
    kind: 'flag',
    long: '--discover',
    group: 'found',
    help: 'look for hosts first: of an address that is silent on a dozen likely ports the rest is not probed',
    setting: 'anywhere',
  },
  hostsOnly: {
    kind: 'flag',
    long: '--hosts-only',
    group: 'found',
    help: 'only look for hosts: a few likely ports of each address (-sn)',
  },
  discoveryPorts: {
    kind: 'list',
    long: '--discovery-ports',
    value: '<spec>',
    group: 'found',
    help: 'the ports by which --hosts-only looks for hosts (-PS22,80)',
    setting: 'anywhere',
  },
  skipAllOpen: {
    kind: 'flag',
    long: '--skip-all-open',
    group: 'found',
    help: 'give up on a host that accepts on every port, after a sample of them',
    setting: 'anywhere',
  },
  timing: {
    kind: 'one',
    long: '--timing',
    short: '-T',
    value: '<template>',
    group: 'timing',
    help: '0 to 5, or paranoid, sneaky, polite, normal, aggressive, insane (default: 3)',
    completes: ['0', '1', '2', '3', '4', '5'],
    setting: 'anywhere',
  },
  timeout: {
    kind: 'one',
    long: '--timeout',
    value: '<seconds>',
    group: 'timing',
    help: 'how long one probe waits for its answer, at the most',
    setting: 'anywhere',
  },
  retries: {
    kind: 'one',
    long: '--retries',
    value: '<n>',
    group: 'timing',
    help: 'further probes of a silent port, at the most (--max-retries)',
    setting: 'anywhere',
  },
  rate: {
    kind: 'one',
    long: '--rate',
    value: '<n>',
    group: 'timing',
    help: 'probes a second to one target address, or "none" (--max-rate)',
    setting: 'anywhere',
  },
  minRate: {
    kind: 'one',
    long: '--min-rate',
    value: '<n>',
    group: 'timing',
    help: 'probes a second to one target address that are sent whatever it answers',
    setting: 'anywhere',
  },
  hostTimeout: {
    kind: 'one',
    long: '--host-timeout',
    value: '<time>',
    group: 'timing',
    help: 'give up on a host after that time: 90, 30m; what is left of it is unprobed, and "resume" goes on with it',
    setting: 'anywhere',
  },
  minRttTimeout: {
    kind: 'one',
    long: '--min-rtt-timeout',
    value: '<time>',
    group: 'timing',
    help: 'the shortest wait for an answer: 100ms',
    setting: 'anywhere',
  },
  initialRttTimeout: {
    kind: 'one',
    long: '--initial-rtt-timeout',
    value: '<time>',
    group: 'timing',
    help: 'the wait of the first probes, before a round trip is known',
    setting: 'anywhere',
  },
  maxRttTimeout: {
    kind: 'one',
    long: '--max-rtt-timeout',
    value: '<time>',
    group: 'timing',
    help: 'the longest wait for an answer',
    setting: 'anywhere',
  },
  inOrder: {
    kind: 'flag',
    long: '--in-order',
    group: 'timing',
    help: 'probe the ports of each worker from the lowest to the highest, not shuffled (-r)',
    setting: 'anywhere',
  },
  sockets: {
    kind: 'one',
    long: '--sockets',
    value: '<n>',
    group: 'timing',
    help: 'sockets of each worker',
    setting: 'anywhere',
  },
  maxCost: {
    kind: 'one',
    long: '--max-cost',
    value: '<dollars>',
    group: 'timing',
    help: 'stop a fleet when the scan has cost that much; "portfleet resume" goes on',
  },
  serviceDetection: {
    kind: 'flag',
    long: '--service-detection',
    group: 'found',
    help: 'detect the services of open ports: program, version, certificate (-sV)',
    setting: 'anywhere',
  },
  tls: {
    kind: 'flag',
    long: '--tls',
    group: 'found',
    help: 'the same, and the certificates behind STARTTLS; marks those that expire, or fit no name',
    setting: 'anywhere',
  },
  format: {
    kind: 'one',
    long: '--format',
    value: '<name>',
    group: 'output',
    help: 'text, list, json, jsonl, csv, xml, greppable, markdown, junit, sarif or html (default: text)',
    completes: FORMAT_NAMES,
    setting: 'anywhere',
  },
  outputText: {
    kind: 'one',
    long: '--output-text',
    value: '<file>',
    group: 'output',
    help: 'write the report there as text too (-oN); likewise:',
    completes: 'file',
  },
  outputXml: {
    kind: 'one',
    long: '--output-xml',
    value: '<file>',
    group: 'output',
    help: "as nmap's XML (-oX)",
    completes: 'file',
  },
  outputGreppable: {
    kind: 'one',
    long: '--output-greppable',
    value: '<file>',
    group: 'output',
    help: "as nmap's greppable lines (-oG)",
    completes: 'file',
  },
  outputJson: {
    kind: 'one',
    long: '--output-json',
    value: '<file>',
    group: 'output',
    help: 'as JSON (-oJ)',
    completes: 'file',
  },
  outputJunit: {
    kind: 'one',
    long: '--output-junit',
    value: '<file>',
    group: 'output',
    help: 'as JUnit XML: a test each port, which fails where --expect does',
    completes: 'file',
  },
  outputSarif: {
    kind: 'one',
    long: '--output-sarif',
    value: '<file>',
    group: 'output',
    help: 'as SARIF: what is not as --expect says',
    completes: 'file',
  },
  outputAll: {
    kind: 'one',
    long: '--output-all',
    value: '<name>',
    group: 'output',
    help: 'as name.txt, name.xml, name.gnmap and name.json (-oA)',
    completes: 'file',
  },
  appendOutput: {
    kind: 'flag',
    long: '--append-output',
    group: 'output',
    help: 'add to the report files instead of replacing them',
  },
  stylesheet: {
    kind: 'one',
    long: '--stylesheet',
    value: '<url>',
    group: 'output',
    help: 'of XML: name that style for browsers, instead of the one that stands in the file',
  },
  noStylesheet: { kind: 'flag', long: '--no-stylesheet', group: 'output', help: 'of XML: name no style at all' },
  open: { kind: 'flag', long: '--open', group: 'output', help: 'show only open ports', setting: 'anywhere' },
  utc: { kind: 'flag', long: '--utc', group: 'output', help: 'show times in UTC', setting: 'anywhere' },
  verbose: {
    kind: 'count',
    long: '--verbose',
    short: '-v',
    group: 'output',
    help: 'show each open port as it is found, and what was made of the options; -vv also logs the workers',
    setting: 'anywhere',
  },
  quiet: {
    kind: 'flag',
    long: '--quiet',
    short: '-q',
    group: 'output',
    help: 'only the report: no progress, no lines as ports are found',
    setting: 'anywhere',
  },
  statsEvery: {
    kind: 'one',
    long: '--stats-every',
    value: '<time>',
    group: 'output',
    help: 'say every so often where the scan stands: 30s, 5m (Enter and SIGUSR1 do it once)',
    setting: 'anywhere',
  },
  expect: {
    kind: 'list',
    long: '--expect',
    value: '<ports>',
    group: 'checks',
    help: 'the ports that may be open, or a YAML or JSON file of them; exit 3 when another is',
    completes: 'file',
  },
  expectExact: {
    kind: 'flag',
    long: '--expect-exact',
    group: 'checks',
    help: 'exit 3 also when an expected port is not open',
  },
  dryRun: {
    kind: 'flag',
    long: '--dry-run',
    group: 'checks',
    help: 'show the plan and how long it may take, and probe nothing',
  },
  workers: {
    kind: 'one',
    long: '--workers',
    value: '<n>',
    group: 'where',
    help: 'worker processes (default: one per core)',
    setting: 'anywhere',
  },
  noWait: {
    kind: 'flag',
    long: '--no-wait',
    group: 'where',
    help: 'with --endpoint: print the id of the scan and leave',
  },
  browser: { kind: 'flag', long: '--open', group: 'where', help: 'open the page in the browser' },
  endpoint: {
    kind: 'one',
    long: '--endpoint',
    value: '<url>',
    group: 'where',
    help: 'the fleet to use instead of this machine; "local": this machine',
    setting: 'user',
  },
  dataDir: {
    kind: 'one',
    long: '--data-dir',
    value: '<directory>',
    group: 'where',
    help: 'where scans are stored (default: your data directory)',
    completes: 'directory',
    setting: 'user',
  },
  scanName: {
    kind: 'one',
    long: '--name',
    value: '<name>',
    group: 'output',
    help: 'a name for the scan, which stands for its id later',
  },
  pruneOlder: {
    kind: 'one',
    long: '--prune-older',
    value: '<age>',
    group: 'where',
    help: 'afterwards delete scans older than that, such as 30d',
    setting: 'user',
  },
  profile: {
    kind: 'one',
    long: '--profile',
    value: '<name>',
    group: 'where',
    help: 'use the settings of that profile too (PORTFLEET_PROFILE)',
  },
  noConfig: { kind: 'flag', long: '--no-config', group: 'where', help: 'read no file of settings' },
  configFormat: TEXT_OR_JSON,
  older: {
    kind: 'one',
    long: '--older',
    value: '<age>',
    group: 'targets',
    help: 'scans older than that: 12h, 30d, 8w',
  },
  target: { kind: 'one', long: '--target', value: '<target>', group: 'targets', help: 'only scans of that target' },
  state: {
    kind: 'one',
    long: '--state',
    value: '<state>',
    group: 'targets',
    help: 'only scans in that state: running, interrupted, complete …',
    completes: ['planned', 'running', 'interrupted', 'complete', 'complete-with-gaps', 'cancelled', 'failed'],
  },
  since: {
    kind: 'one',
    long: '--since',
    value: '<age>',
    group: 'targets',
    help: 'only scans that are not older: 12h, 30d, or a date such as 2026-11-01',
  },
  changes: {
    kind: 'flag',
    long: '--changes',
    group: 'output',
    help: 'count what each scan shows otherwise than the one of the same targets before it',
  },
  listFormat: TEXT_OR_JSON,
  limit: { kind: 'one', long: '--limit', value: '<n>', group: 'output', help: 'how many (default: 20)' },
  last: {
    kind: 'one',
    long: '--last',
    value: '<target>',
    group: 'targets',
    help: 'the latest scan of that target, or the two latest for a difference',
  },
  diffFormat: {
    kind: 'one',
    long: '--format',
    value: '<name>',
    group: 'output',
    help: 'text, json or markdown (default: text)',
    completes: ['text', 'json', 'markdown'],
  },
  name: { kind: 'one', long: '--name', value: '<name>', group: 'output', help: 'what the watch is called' },
  every: { kind: 'one', long: '--every', value: '<time>', group: 'timing', help: 'run so often: 30m, 6h, 1d' },
  cron: {
    kind: 'one',
    long: '--cron',
    value: '<pattern>',
    group: 'timing',
    help: 'run at these times: "0 3 * * 1-5" is three in the morning on working days',
  },
  zone: {
    kind: 'one',
    long: '--zone',
    value: '<zone>',
    group: 'timing',
    help: 'the time zone of --cron and --quiet-hours: Europe/Berlin (default: that of this machine)',
  },
  quietHours: {
    kind: 'one',
    long: '--quiet-hours',
    value: '<hours>',
    group: 'output',
    help: 'hold messages back at these hours: 22:00-07:00',
  },
  notify: {
    kind: 'list',
    long: '--notify',
    value: '<receiver>',
    group: 'output',
    help: 'whom to tell: stdout, exec:./program, https://…, slack:https://…, teams:…, discord:…, mailto:you@example.org',
  },
  once: {
    kind: 'flag',
    long: '--once',
    group: 'where',
    help: 'with "watch run": run what is due, tell what is to be told, and end; for a timer or cron',
  },
  watchFormat: TEXT_OR_JSON,
  historyFormat: {
    kind: 'one',
    long: '--format',
    value: '<name>',
    group: 'output',
    help: 'text, json or svg (default: text)',
    completes: ['text', 'json', 'svg'],
  },
  host: {
    kind: 'one',
    long: '--host',
    value: '<address>',
    group: 'where',
    help: 'an address of loopback (default: 127.0.0.1)',
  },
  port: {
    kind: 'one',
    long: '--port',
    value: '<port>',
    group: 'where',
    help: 'where to listen; 0 takes a port that is free (default: 7377)',
  },
} as const satisfies Record<string, OptionSpec>;

export type OptionName = keyof typeof OPTIONS;

type ValueOf<Spec extends OptionSpec> = Spec['kind'] extends 'flag'
  ? true
  : Spec['kind'] extends 'count'
    ? number
    : Spec['kind'] extends 'list'
      ? readonly string[]
      : string;

/** The options of that name as a command gets them: nothing in their values has been read yet. */
export type OptionsOf<Name extends OptionName> = {
  readonly [Each in Name]?: ValueOf<(typeof OPTIONS)[Each]>;
};

/** The table as its readers see it, who do not know its entries one by one. */
export const optionSpec = (name: OptionName): OptionSpec => OPTIONS[name];
