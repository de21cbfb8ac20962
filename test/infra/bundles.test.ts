import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FUNCTION_SIZES } from '../../cdk/function-sizes.ts';
import { buildLambdas, FUNCTIONS } from '../../scripts/build-lambdas.mjs';
import { BARE_ENVIRONMENT } from '../helpers/lambda/environment.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'portfleet-bundles-'));
const bundleOf = (name: string): string => join(folder, name, 'index.mjs');

// Eight builds, beside whatever else the machine does.
beforeAll(() => buildLambdas(folder), 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Bytes. A cold start reads and compiles all of it. */
const MOST: Record<string, number> = { worker: 500_000, api: 700_000, reports: 700_000, watcher: 550_000 };

/** What a cold start reads: the entry, and the parts that it imports at once. Parts loaded when needed do not count. */
function coldBytes(entry: string, seen = new Set<string>()): number {
  if (seen.has(entry)) return 0;
  seen.add(entry);
  const parts = [...readFileSync(entry, 'utf8').matchAll(/(?:from|import)"(\.[^"]+)"/g)];
  const below = parts.map(([, path = '']) => coldBytes(resolve(dirname(entry), path), seen));
  return below.reduce((sum, size) => sum + size, statSync(entry).size);
}

describe('The bundles', () => {
  it('are of the functions that the stack has', () => {
    expect([...FUNCTIONS].sort()).toEqual(Object.keys(FUNCTION_SIZES).sort());
  });

  it.each(Object.entries(MOST))('of the %s is smaller than %i bytes', (name, most) => {
    expect(coldBytes(bundleOf(name))).toBeLessThan(most);
  });

  it.each(FUNCTIONS)('of the %s starts by itself, without node_modules, and exports a handler', async (name) => {
    const program = `
      globalThis.awslambda = { streamifyResponse: (handler) => handler };
      const start = performance.now();
      const { handler } = await import(${JSON.stringify(bundleOf(name))});
      console.log(JSON.stringify({ handler: typeof handler, millis: Math.round(performance.now() - start) }));`;
    const { stdout } = await run(process.execPath, ['--no-warnings', '--input-type=module', '-e', program], {
      cwd: folder,
      env: { ...BARE_ENVIRONMENT },
    });
    const { handler, millis } = JSON.parse(stdout) as { handler: string; millis: number };
    expect(handler).toBe('function');
    // Measured and told, not judged: a busy machine says nothing about a cold start.
    console.info(`${name}: ${coldBytes(bundleOf(name))} bytes, imported in ${millis} ms`);
  });

  it('refuse to start without what they need to be told, and say what that is', async () => {
    const starting = run(process.execPath, ['--no-warnings', bundleOf('worker')], { env: { AWS_REGION: 'us-east-1' } });
    await expect(starting).rejects.toThrow(/PORTFLEET_TABLE is not set.*PORTFLEET_CHUNK_QUEUE is not set/s);
  });
});
