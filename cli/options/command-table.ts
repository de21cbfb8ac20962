import type { FormatName } from '../../shared/report/formats/format.ts';
import type { OptionName, OptionsOf } from './option-table.ts';

/** A command as it is declared: once, for reading, help, man page, completion and docs. */
export interface CommandSpec {
  readonly summary: string;
  readonly description: string;
  /** Its words beside the options, as the help shows them. */
  readonly words: string;
  /** At least and at most so many words. */
  readonly count: readonly [least: number, most: number];
  readonly options: readonly OptionName[];
}

/** Options that write a report into a file, and in which format; "-" is standard output. */
export const REPORT_FILES = {
  outputText: 'text',
  outputXml: 'xml',
  outputGreppable: 'greppable',
  outputJson: 'json',
  outputJunit: 'junit',
  outputSarif: 'sarif',
} as const satisfies Partial<Record<OptionName, FormatName>>;

type ReportFileOption = keyof typeof REPORT_FILES;

export const REPORT_FILE_OPTIONS = Object.keys(REPORT_FILES) as ReportFileOption[];

/** Of every command that settings may change. */
const SETTINGS = ['profile', 'noConfig'] as const satisfies readonly OptionName[];
const STORED = ['utc', 'endpoint', 'dataDir', ...SETTINGS] as const satisfies readonly OptionName[];
const REPORT = ['format', 'open', 'stylesheet', 'noStylesheet', ...STORED] as const satisfies readonly OptionName[];
const ANY_NUMBER = Number.POSITIVE_INFINITY;

export const COMMANDS = {
  scan: {
    summary: 'scan hosts',
    description: 'Scans hosts: names, addresses, CIDR blocks (10.0.0.0/24) and ranges (10.0.0.1-20, 10.0.0-3.1-254).',
    words: '[target...]',
    count: [0, ANY_NUMBER],
    options: [
      'inputList',
      'exclude',
      'excludeFile',
      'ipv4',
      'ipv6',
      'ports',
      'portsFile',
      'topPorts',
      'excludePorts',
      'tcp',
      'udp',
      'timing',
      'timeout',
      'retries',
      'rate',
      'minRate',
      'hostTimeout',
      'minRttTimeout',
      'initialRttTimeout',
      'maxRttTimeout',
      'inOrder',
      'sockets',
      'maxCost',
      'discover',
      'reverseNames',
      'dnsServers',
      'proxy',
      'hostsOnly',
      'discoveryPorts',
      'skipAllOpen',
      'serviceDetection',
      'tls',
      'format',
      ...REPORT_FILE_OPTIONS,
      'outputAll',
      'appendOutput',
      'stylesheet',
      'noStylesheet',
      'open',
      'utc',
      'verbose',
      'quiet',
      'statsEvery',
      'expect',
      'expectExact',
      'dryRun',
      'scanName',
      'pruneOlder',
      'workers',
      'noWait',
      'endpoint',
      'dataDir',
      ...SETTINGS,
    ],
  },
  show: {
    summary: 'print the report of a scan',
    description: 'Prints the report of a scan, also while it runs.',
    words: '[scan]',
    count: [0, 1],
    options: ['last', ...REPORT],
  },
  list: {
    summary: 'list the scans',
    description: 'Lists the scans, newest first.',
    words: '',
    count: [0, 0],
    options: ['limit', 'target', 'state', 'since', 'changes', 'listFormat', ...STORED],
  },
  resume: {
    summary: 'go on with a scan that was interrupted',
    description:
      'Goes on with a scan that was interrupted, some of whose chunks failed, or that could not be summed up: probes only what is not settled yet.',
    words: '<scan>',
    count: [1, 1],
    options: ['format', 'open', 'verbose', 'quiet', 'statsEvery', 'workers', ...STORED],
  },
  delete: {
    summary: 'delete scans',
    description: 'Deletes scans that are over, or that were interrupted, with all that they found.',
    words: '<scan...>',
    count: [1, ANY_NUMBER],
    options: ['endpoint', 'dataDir', ...SETTINGS],
  },
  prune: {
    summary: 'delete old scans',
    description: 'Deletes the scans that are older than --older says, and gives their room back to the disk.',
    words: '',
    count: [0, 0],
    options: ['older', 'target', 'dryRun', 'utc', 'endpoint', 'dataDir', ...SETTINGS],
  },
  export: {
    summary: 'write a scan as JSON, for import elsewhere',
    description: 'Writes a scan as JSON to a file, or to standard output; "portfleet import" reads it on any machine.',
    words: '[scan] [file]',
    count: [0, 2],
    options: ['last', ...STORED],
  },
  cancel: {
    summary: 'stop a scan for good',
    description: 'Stops a scan for good; what was found stays readable.',
    words: '<scan>',
    count: [1, 1],
    options: ['endpoint', 'dataDir', ...SETTINGS],
  },
  diff: {
    summary: 'tell what changed between two scans',
    description:
      'Tells what changed between two scans, each a scan id or a file of nmap XML; exit 3 when anything did, 4 when too little could be compared.',
    words: '[before] [after]',
    count: [0, 2],
    options: ['last', 'diffFormat', ...STORED],
  },
  import: {
    summary: 'keep a scan that another tool made',
    description:
      'Keeps the scan in a file of nmap, masscan, naabu or Portfleet (XML or JSON) as one of ours; "-" is standard input; exit 4 when the file is not complete.',
    words: '<file>',
    count: [1, 1],
    options: ['dataDir', ...SETTINGS],
  },
  watch: {
    summary: 'be told when hosts are not as they should be',
    description:
      'Watches hosts: "add <target...>", "list", "show <name>", "edit <name> [target...]", "pause", "resume", "run" and "remove <name>", "test <name>" (tells every receiver), "ack <name> <alert...>" (takes what was told for right), "apply <file.yaml>" (makes the watches of a file true). What is due is run by "portfleet serve", or by "watch run --once".',
    words: '<action> [name] [target...]',
    count: [1, ANY_NUMBER],
    options: [
      'exclude',
      'ipv4',
      'ipv6',
      'ports',
      'topPorts',
      'excludePorts',
      'tcp',
      'udp',
      'timing',
      'timeout',
      'retries',
      'rate',
      'every',
      'cron',
      'zone',
      'serviceDetection',
      'tls',
      'name',
      'notify',
      'quietHours',
      'watchFormat',
      'utc',
      'expect',
      'expectExact',
      'dryRun',
      'once',
      'workers',
      'endpoint',
      'dataDir',
      ...SETTINGS,
    ],
  },
  history: {
    summary: 'tell when ports opened and closed',
    description: 'Tells when the ports of a host, or one of them, opened and closed over all runs of all watches.',
    words: '<host> [port]',
    count: [1, 2],
    options: ['historyFormat', ...STORED],
  },
  serve: {
    summary: 'serve the page and the HTTP API',
    description:
      'Serves a page and the HTTP API over the scans of this user, or over the fleet of an endpoint, to this machine alone.',
    words: '',
    count: [0, 0],
    options: ['port', 'host', 'workers', 'endpoint', 'browser', 'dataDir', ...SETTINGS],
  },
  config: {
    summary: 'show what is set, and where',
    description:
      'Shows the settings that hold where a command line says nothing, and where each comes from: an environment variable, a profile, ./portfleet.yaml, your own config.yaml, or the default.',
    words: '',
    count: [0, 0],
    options: ['configFormat', ...SETTINGS],
  },
  completion: {
    summary: 'print the completion of a shell',
    description: 'Prints a script that completes portfleet in bash, zsh or fish.',
    words: '<bash|zsh|fish>',
    count: [1, 1],
    options: [],
  },
  man: {
    summary: 'print the manual page',
    description: 'Prints the manual page.',
    words: '',
    count: [0, 0],
    options: [],
  },
  help: {
    summary: 'print the help of a command',
    description: 'Prints the help of a command.',
    words: '[command]',
    count: [0, 1],
    options: [],
  },
  version: { summary: 'print the version', description: 'Prints the version.', words: '', count: [0, 0], options: [] },
} as const satisfies Record<string, CommandSpec>;

export type CommandName = keyof typeof COMMANDS;

export const isCommandName = (word: string): word is CommandName => Object.hasOwn(COMMANDS, word);

/** The table as its readers see it, who do not know its entries one by one. */
export const commandSpec = (name: CommandName): CommandSpec => COMMANDS[name];

/** The options that a command takes, as they were written. */
export type CommandOptions<Name extends CommandName> = OptionsOf<(typeof COMMANDS)[Name]['options'][number]>;

/** Options of every command over stored scans. */
export type StoredOptions = OptionsOf<(typeof STORED)[number]>;

/** How a report is to be shown. */
export type ReportOptions = OptionsOf<(typeof REPORT)[number]>;

/** How a scan is to be followed while it runs. */
export type FollowOptions = ReportOptions & OptionsOf<'verbose' | 'quiet' | 'statsEvery' | 'workers'>;

export type ScanOptions = CommandOptions<'scan'>;
