/** What every scanner of the bench is given, and what it must say. */
export interface ScannerTask {
  /** Literal addresses, or one network in CIDR form. */
  readonly targets: readonly string[];
  /** As all scanners read it: "22,80,8000-9000". */
  readonly ports: string;
  readonly timing: 'T3' | 'T4' | 'T5';
  /** Where the far end is reached, for scanners that send their own packets; undefined on loopback. */
  readonly wire: { readonly device: string; readonly address: string } | undefined;
}

export type Ports = ReadonlyMap<string, ReadonlySet<number>>;

/** Ports by address. `filtered` is undefined when the scanner only speaks of open ports. */
export interface ScannerResult {
  readonly open: Ports;
  readonly filtered: Ports | undefined;
}

export interface Scanner {
  readonly name: string;
  /** Why it cannot be run here, in one line, or undefined. */
  readonly missing: () => string | undefined;
  /** The command line, and what to put into its environment. `scratch` is an empty folder, new for every run. */
  readonly command: (task: ScannerTask, scratch: string) => Command;
  /** Its answer, from what it printed. */
  readonly read: (output: string) => ScannerResult;
  /** Why this scanner has nothing to say in such a task (masscan on loopback), or undefined. */
  readonly unfit?: (task: ScannerTask) => string | undefined;
}

export interface Command {
  readonly argv: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
}

/** Puts a port into a map of ports by address. */
export function addPort(ports: Map<string, Set<number>>, address: string, port: number): void {
  const known = ports.get(address);
  if (known) known.add(port);
  else ports.set(address, new Set([port]));
}

/** The ports that "22,80-82" spells. */
export function portsIn(spec: string): number[] {
  return spec
    .split(',')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const [first = 0, last = first] = part.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}
