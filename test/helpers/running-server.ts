import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { type RunningCommand, startCommand } from './run-command.ts';

/** `portfleet serve` as a process of its own, on a port of the kernel's choice. */
export interface ServeProcess extends RunningCommand {
  readonly url: string;
}

export async function startServe(dataDir: string, words: readonly string[] = []): Promise<ServeProcess> {
  const env = { PORTFLEET_LOG: '1' };
  const command = startCommand(['serve', '--port', '0', ...words], { dataDir, env });
  onTestFinished(async () => {
    command.child.kill('SIGKILL');
    await command.ended;
  });
  // The address comes on another pipe, which may be read later.
  const isToldFirst = (await command.printed('Ctrl-C ends the server')).stdout === '';
  if (isToldFirst) await once(command.child.stdout, 'data');
  const { stdout } = await command.printed('Ctrl-C ends the server');
  return { ...command, url: stdout.trim() };
}
