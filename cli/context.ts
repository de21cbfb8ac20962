import type { Readable } from 'node:stream';
import type { PrewarmedWorkers } from '../local/worker-process.ts';
import { type Log, type LogFields, SILENT } from '../shared/seams/log.ts';
import type { OutputChannel } from './output/output-channel.ts';

/** Everything a command knows of the world around the process. What is printed goes through its channels. */
export interface CliContext {
  /** Opened when it is asked for: that takes 5 ms, and few commands read it. */
  readonly stdin: () => Readable & { readonly isTTY?: boolean };
  /** Results go here. */
  readonly stdout: OutputChannel;
  /** Progress and notes go here. */
  readonly stderr: OutputChannel;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  /** Empty where this user has none. */
  readonly home: string;
  /** The words after "portfleet", as they were typed. */
  readonly words: readonly string[];
  /** What files and variables add to them, as words of the same command line. */
  readonly settingWords: readonly string[];
  /** Where the value of an option stands that was not typed, by its long name. */
  readonly origins: ReadonlyMap<string, string>;
  /** Where the command was typed. */
  readonly directory: string;
  /** The worker's bundle. */
  readonly workerModule: string;
  /** Workers that were started before the words were read; left out, none were. */
  readonly prewarmed?: PrewarmedWorkers | undefined;
  readonly version: string;
}

/** What a script may rely on. 130 is 128 + SIGINT, as shells count. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** A port is open that was not expected, or two scans differ. */
  different: 3,
  gaps: 4,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** With PORTFLEET_LOG set, or -vv, one JSON object a line on standard error; otherwise nothing. */
export function stderrLog({ env, stderr }: CliContext, { verbose = 0 }: { readonly verbose?: number } = {}): Log {
  if (!env['PORTFLEET_LOG'] && verbose < 2) return SILENT;
  const line = (level: string) => (event: string, fields?: LogFields) =>
    void stderr.write(`${JSON.stringify({ at: new Date().toISOString(), level, event, ...fields })}\n`);
  return { info: line('info'), warn: line('warn') };
}
