import type { Readable } from 'node:stream';

/** Everything a command knows of the world around the process. */
export interface CliContext {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  readonly home: string;
  /** The words after "portfleet", as they were typed. */
  readonly words: readonly string[];
  /** The worker's bundle. */
  readonly workerModule: string;
  readonly version: string;
}

export interface Output {
  write(text: string): boolean;
  readonly isTTY?: boolean;
  readonly columns?: number;
  once(event: 'drain', listener: () => void): unknown;
}

/** Writes and, when the reader is slower than we are, waits for it. */
export async function write(output: Output, text: string): Promise<void> {
  if (!output.write(text)) await new Promise<void>((resolve) => output.once('drain', resolve));
}
