import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { largest, makeServer } from '../../../bench/hold.ts';
import { warmUp } from '../../../local/serve/warm-up.ts';
import type { Problem } from '../../../shared/api/problem.ts';
import { MOST_ERRORS } from '../../../shared/domain/error-list.ts';
import { HOSTILE_BODIES } from '../../fixtures/hostile-requests.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

/** A hundred errors with an excerpt and a hint each; a plan that lists the targets as they were written. */
const LONGEST_ANSWER = 300_000;

describe('A server that gets ready before it listens', () => {
  it('keeps nothing of the requests that it reads for that, and looks no name up', async () => {
    const { api, parts, close } = await makeServer(tempDir());
    onTestFinished(close);
    const looked: string[] = [];
    const resolve = async (name: string) => {
      looked.push(name);
      return [];
    };
    await warmUp({ ...parts, resolver: { resolve } });
    const itemsOf = async (path: string) => ((await (await api.request(path)).json()) as { items: object[] }).items;
    expect(await itemsOf('/scans')).toEqual([]);
    expect(await itemsOf('/watches')).toHaveLength(1);
    expect(looked).toEqual([]);
  });
});

describe('The API, with the largest body that it reads,', () => {
  // One server for all of them, as a real one has to live on after each.
  const directory = mkdtempSync(join(tmpdir(), 'portfleet-'));
  let server: Awaited<ReturnType<typeof makeServer>>;
  beforeAll(async () => {
    server = await makeServer(directory);
  });
  afterAll(() => {
    server.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it.each(HOSTILE_BODIES)('answers in bounded words, and never with an error of its own: $what', async (row) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await server.api.request(row.path, { method: row.method ?? 'POST', headers, body: largest(row) });
    const text = await answer.text();
    expect(answer.status).toBeLessThan(500);
    expect(text.length).toBeLessThan(LONGEST_ANSWER);
    if (answer.status < 400) return;
    const { faults } = JSON.parse(text) as Problem;
    expect(faults.length).toBeLessThanOrEqual(MOST_ERRORS + 1);
    for (const { detail, at } of faults) {
      expect(detail.length).toBeLessThanOrEqual(401);
      expect(at?.text.length ?? 0).toBeLessThanOrEqual(162);
    }
  });
});
