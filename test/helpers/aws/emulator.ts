import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** An AWS service on 127.0.0.1, in a process of its own. */
export interface Emulator {
  readonly endpoint: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** A port that nobody listens on, as far as the kernel knows. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

/** A client must never reach the real thing: these name nobody. */
export const NOBODY = {
  AWS_ACCESS_KEY_ID: '000000000000',
  AWS_SECRET_ACCESS_KEY: 'nobody',
  AWS_REGION: 'us-east-1',
};

/** Longer than any of them was seen to take, also beside a busy neighbour. */
const START_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 50;
const END_WITHIN_MS = 5_000;

/** Starts the command and waits until something answers HTTP on its port. */
export async function startEmulator(
  command: string,
  args: readonly string[],
  port: number,
  options: { readonly cwd?: string; readonly env?: Record<string, string>; readonly log?: number } = {},
): Promise<Emulator> {
  const output = options.log ?? 'ignore';
  const child = spawn(command, args, {
    stdio: ['ignore', output, output],
    env: { ...process.env, ...options.env },
    ...(options.cwd && { cwd: options.cwd }),
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const endpoint = `http://127.0.0.1:${port}`;
  await answers(endpoint, child);
  return {
    endpoint,
    port,
    stop: async () => {
      process.off('exit', kill);
      // Gently first: it may have processes of its own to end.
      child.kill('SIGTERM');
      const harder = setTimeout(kill, END_WITHIN_MS);
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      clearTimeout(harder);
    },
  };
}

async function answers(endpoint: string, child: ChildProcess): Promise<void> {
  const until = Date.now() + START_WITHIN_MS;
  for (;;) {
    // Whatever it answers, even 400, it is there.
    if (
      await fetch(endpoint).then(
        () => true,
        () => false,
      )
    )
      return;
    if (child.exitCode !== null) throw new Error(`the emulator ended with ${child.exitCode}`);
    if (Date.now() > until) throw new Error(`the emulator did not answer within ${START_WITHIN_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
