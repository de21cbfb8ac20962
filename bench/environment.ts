import type { Packets } from './lab/lab.ts';
import type { Ports, ScannerTask } from './scanners/scanner.ts';

/** What is really there. Where a port is neither open nor closed, "filtered" is the right answer. */
export interface Truth {
  readonly open: Ports;
  /** Whether a port answers with a reset, so that a scanner has no excuse to call it filtered. */
  readonly closed: (address: string, port: number) => boolean;
  /** (address, port) pairs of the task. */
  readonly probes: number;
}

/** A scenario set up and waiting for one scanner. */
export interface BenchEnvironment {
  readonly task: ScannerTask;
  readonly truth: Truth;
  /** What a command must be prefixed with to reach the environment. */
  readonly prefix: readonly string[];
  /** What went over the wire so far; null where there is no wire. */
  readonly packets: (() => Promise<Packets>) | null;
}

/** One row group of the bench. */
export interface Scenario {
  /** As it is named on the command line. */
  readonly name: string;
  /** As the table says it, with every number that matters. */
  readonly title: string;
  /** What no connect scan can be faster than here, with the sum. */
  readonly bound: string;
  /** What else a reader of the table must know. */
  readonly note?: string;
  /** Sets it up afresh, uses it, and takes it away. The seed decides which packets are lost. */
  readonly withEnvironment: <Value>(
    seed: number,
    use: (environment: BenchEnvironment) => Promise<Value>,
  ) => Promise<Value>;
}
