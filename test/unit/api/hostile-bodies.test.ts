import { describe, expect, it, onTestFinished } from 'vitest';
import { largest, makeServer } from '../../../bench/hold.ts';
import type { Problem } from '../../../shared/api/problem.ts';
import { MOST_ERRORS } from '../../../shared/domain/error-list.ts';
import { HOSTILE_BODIES } from '../../fixtures/hostile-requests.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

/** A hundred errors with an excerpt and a hint each; a plan that lists the targets as they were written. */
const LONGEST_ANSWER = 300_000;

describe('The API, with the largest body that it reads,', () => {
  it.each(HOSTILE_BODIES)('answers in bounded words, and never with an error of its own: $what', async (row) => {
    const server = makeServer(tempDir());
    onTestFinished(() => server.close());
    const headers = { 'content-type': 'application/json' };
    const answer = await server.api.request(row.path, { method: 'POST', headers, body: largest(row) });
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
