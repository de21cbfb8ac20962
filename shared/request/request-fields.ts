/** What each part of a request is called where the user wrote it, for the errors to name. */
export interface FieldNames {
  readonly targets: string;
  readonly exclude: string;
  readonly ports: string;
  readonly topPorts: string;
  readonly excludePorts: string;
  readonly timing: string;
  readonly timeout: string;
  readonly retries: string;
  readonly rate: string;
  readonly sockets: string;
  readonly maxCost: string;
  readonly dnsServers: string;
  readonly proxy: string;
  readonly minRttTimeout: string;
  readonly initialRttTimeout: string;
  readonly maxRttTimeout: string;
  readonly minRate: string;
  readonly hostTimeout: string;
}

export const COMMAND_LINE_FIELDS: FieldNames = {
  targets: 'target',
  exclude: '--exclude',
  ports: '--ports',
  topPorts: '--top-ports',
  excludePorts: '--exclude-ports',
  timing: '--timing',
  timeout: '--timeout',
  retries: '--retries',
  rate: '--rate',
  sockets: '--sockets',
  maxCost: '--max-cost',
  dnsServers: '--dns-servers',
  proxy: '--proxy',
  minRttTimeout: '--min-rtt-timeout',
  initialRttTimeout: '--initial-rtt-timeout',
  maxRttTimeout: '--max-rtt-timeout',
  minRate: '--min-rate',
  hostTimeout: '--host-timeout',
};

/** The properties of the JSON body of POST /scans. */
export const JSON_FIELDS: FieldNames = {
  targets: 'targets',
  exclude: 'exclude',
  ports: 'ports',
  topPorts: 'topPorts',
  excludePorts: 'excludePorts',
  timing: 'timing',
  timeout: 'timeout',
  retries: 'retries',
  rate: 'rate',
  sockets: 'sockets',
  maxCost: 'maxCost',
  dnsServers: 'dnsServers',
  proxy: 'proxy',
  minRttTimeout: 'minRttTimeout',
  initialRttTimeout: 'initialRttTimeout',
  maxRttTimeout: 'maxRttTimeout',
  minRate: 'minRate',
  hostTimeout: 'hostTimeout',
};
