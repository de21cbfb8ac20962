import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../dist/portfleet.mjs', import.meta.url));

/** How a command ended, and what it printed. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  /** Resolves as soon as standard output, or standard error, contains the text; with both as they are then. */
  printed(text: string): Promise<Omit<Ended, 'code'>>;
}

export interface HowToRun {
  readonly dataDir: string;
  /** Descriptors the command and its workers may have, set by a shell before it starts. */
  readonly openFiles?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Starts `portfleet` as a user would, with a store of its own. */
export function startCommand(words: readonly string[], { dataDir, openFiles, env, input }: HowToRun): RunningCommand {
  const limit = openFiles === undefined ? '' : `ulimit -n ${openFiles}; `;
  const child = spawn('/bin/sh', ['-c', `${limit}exec "$0" "$@"`, process.execPath, COMMAND, ...words], {
    env: { PATH: process.env['PATH'] ?? '', HOME: dataDir, TZ: 'UTC', PORTFLEET_DATA_DIR: dataDir, ...env },
  });
  const printed = { stdout: '', stderr: '' };
  const more = new EventEmitter();
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      printed[stream] += text;
      more.emit('text');
    });
  }
  child.stdin.end(input ?? '');
  const ended = once(child, 'close').then(([code]): Ended => ({ code: code as number | null, ...printed }));
  return {
    child,
    ended,
    async printed(text) {
      while (!printed.stdout.includes(text) && !printed.stderr.includes(text)) {
        // A child that was killed has a signal in place of an exit code; waiting on for its text would never end.
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`the command ended without "${text}": ${JSON.stringify(printed)}`);
        await Promise.race([once(more, 'text'), ended]);
      }
      return { ...printed };
    },
  };
}

export const runCommand = (words: readonly string[], how: HowToRun): Promise<Ended> => startCommand(words, how).ended;
