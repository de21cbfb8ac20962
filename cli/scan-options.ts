/** Options that every command over kept scans has, as they were written. */
export interface KeptOptions {
  readonly dataDir?: string;
  readonly endpoint?: string;
  readonly utc?: true;
}

/** How a report is to be shown. */
export interface ReportOptions extends KeptOptions {
  readonly format: string;
  readonly open?: true;
}

/** How a scan is to be followed while it runs. */
export interface FollowOptions extends ReportOptions {
  readonly quiet?: true;
  readonly workers?: string;
}

/** The options of `portfleet scan`, as they were written: nothing is read yet. */
export interface ScanOptions extends FollowOptions {
  readonly ports?: string;
  readonly topPorts?: string;
  readonly udp?: true;
  readonly serviceDetection?: true;
  readonly tls?: true;
  readonly timing?: string;
  readonly timeout?: string;
  readonly retries?: string;
  readonly rate?: string;
  readonly sockets?: string;
  readonly inputList?: string;
  readonly exclude?: string;
  readonly excludePorts?: string;
  readonly ipv4?: true;
  readonly ipv6?: true;
  readonly outputText?: string;
  readonly outputXml?: string;
  readonly outputGreppable?: string;
  readonly outputJson?: string;
  readonly outputAll?: string;
  readonly expect?: string;
  readonly expectExact?: true;
  readonly dryRun?: true;
  /** False with --no-wait. */
  readonly wait?: boolean;
}
