import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Millis } from '../../../shared/domain/units.ts';
import { type Emulator, freePort, NOBODY, startEmulator } from './emulator.ts';
import { ministackPython } from './tools.ts';

/** ministack, an emulator of AWS, on 127.0.0.1 only, with a clock that can be set forward. */
export interface Ministack extends Emulator {
  /** So much time passes for it, at once. */
  elapse(time: Millis): void;
  readonly folder: string;
}

const LAUNCHER = fileURLToPath(new URL('./shifted_ministack.py', import.meta.url));

/** `log` is the descriptor of a file for what it prints. */
export async function startMinistack(more: { readonly log?: number } = {}): Promise<Ministack> {
  const folder = mkdtempSync(join(tmpdir(), 'portfleet-ministack-'));
  const clock = join(folder, 'clock');
  const descriptor = openSync(clock, 'w');
  let offset = 0;
  const setClock = (): void => {
    const value = Buffer.alloc(8);
    value.writeDoubleLE(offset);
    writeSync(descriptor, value, 0, 8, 0);
  };
  setClock();
  const port = await freePort();
  const env = {
    ...NOBODY,
    BIND_HOST: '127.0.0.1',
    GATEWAY_PORT: `${port}`,
    // Both would open ports of their own.
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
  };
  const emulator = await startEmulator(ministackPython() ?? 'python3', [LAUNCHER, clock], port, {
    cwd: folder,
    env,
    ...more,
  });
  return {
    ...emulator,
    folder,
    elapse: (time) => {
      offset += time / 1_000;
      setClock();
    },
    stop: async () => {
      await emulator.stop();
      closeSync(descriptor);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
