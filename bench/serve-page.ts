import { spawn } from 'node:child_process';

/** `portfleet serve` over a data directory, and the link that opens its page once. */
export async function servePage(
  program: string,
  directory: string,
): Promise<{ readonly link: string; readonly end: () => void }> {
  const child = spawn(process.execPath, [program, 'serve', '--port', '0', '--data-dir', directory]);
  let told = '';
  const link = await new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (data) => {
      told += data;
      const [found] = /http:\S+\?token=\S+/.exec(told) ?? [];
      if (found) resolve(found);
    });
    child.once('exit', () => reject(new Error(told)));
  });
  return { link, end: () => void child.kill() };
}
