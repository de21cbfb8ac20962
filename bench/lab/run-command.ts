import { spawn } from 'node:child_process';

/** No command of the lab takes a second; a hung one must not hang the bench. */
const COMMAND_LIMIT_MS = 20_000;

/** What a command printed. Rejects with its own words when it fails, and when it takes longer than 20 s. */
export function runCommand(command: string, args: readonly string[], input = ''): Promise<string> {
  const child = spawn(command, args, { stdio: 'pipe', timeout: COMMAND_LIMIT_MS });
  const said = { out: '', error: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.error += text;
  });
  // A command that ends without reading its input is no fault of ours; its exit status tells.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => {
      if (status === 0) resolve(said.out);
      else reject(new Error(`${command} ${args.join(' ')}: ${said.error.trim() || `ended with ${status ?? signal}`}`));
    });
  });
}
