import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareAddresses } from '../../../shared/domain/addresses/address-line.ts';
import { NO_PROBES } from '../../../shared/domain/coverage.ts';
import type { HostReport } from '../../../shared/domain/report.ts';
import { epochMillis, millis } from '../../../shared/domain/units.ts';
import { VERDICTS } from '../../../shared/domain/verdict.ts';
import { formatDiff } from '../../../shared/report/diff/diff-format.ts';
import { diffScans } from '../../../shared/report/diff/diff-scans.ts';
import { formatReport } from '../../../shared/report/formats/format.ts';
import { arbitraryReport } from '../../helpers/arbitrary-report.ts';
import { host, OPTIONS, report, run, summaryOf, tcp, whole } from '../../helpers/sample-report.ts';

/** Readers may meet members they don't know; we may not write any that the schema does not describe. */
function withoutSurprises(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutSurprises);
  if (typeof schema !== 'object' || schema === null) return schema;
  const closed = 'properties' in schema && !('additionalProperties' in schema) ? { additionalProperties: false } : {};
  return {
    ...Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, withoutSurprises(value)])),
    ...closed,
  };
}

function schemaOf(file: string): ValidateFunction {
  const schema = JSON.parse(readFileSync(new URL(`../../../docs/${file}`, import.meta.url), 'utf8'));
  return new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(
    withoutSurprises(schema) as object,
  );
}

function expectValid(validate: ValidateFunction, text: string): void {
  validate(JSON.parse(text));
  expect(validate.errors?.map(({ instancePath, message }) => `${instancePath} ${message}`) ?? []).toEqual([]);
}

const sorted = (hosts: readonly HostReport[]) => [...hosts].sort((a, b) => compareAddresses(a.address, b.address));

async function* each<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

describe('docs/report.schema.json', () => {
  const validate = schemaOf('report.schema.json');

  it('describes every report, to the last member', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryReport, async ({ make }) => {
        expectValid(validate, await whole(formatReport('json', make(), OPTIONS)));
      }),
      { numRuns: 60 },
    );
  });

  it('describes every verdict, and reports that are not over, interrupted or failed', async () => {
    const runs = VERDICTS.filter((verdict) => !verdict.startsWith('open/')).map((verdict, index) =>
      run(index + 1, index + 1, verdict),
    );
    const all = report([host('192.0.2.1', { runs })], tcp([1, runs.length]), {
      scan: { status: 'running', finishedAt: null },
    });
    expectValid(validate, await whole(formatReport('json', all, OPTIONS)));
    const stopped = { ...OPTIONS, signal: AbortSignal.abort() };
    expectValid(validate, await whole(formatReport('json', report([], tcp([1, 1])), stopped)));
  });

  it('describes targets that fell silent, and hosts that were never heard', async () => {
    const hosts = [host('192.0.2.1', { runs: [run(1, 3, 'filtered/no-response')] })];
    const { address } = hosts[0] as HostReport;
    const from = epochMillis(Date.parse('2026-11-22T12:03:04Z'));
    const incidents = [{ kind: 'went-silent', address, from, until: null, ports: 31_022 }] as const;
    const summary = {
      ...summaryOf(hosts),
      tally: { ...NO_PROBES, incidents },
      unheard: { hosts: 2, beyond: millis(1_250) },
    };
    const shown = await whole(formatReport('json', report(hosts, tcp([1, 3]), { summary }), OPTIONS));
    expectValid(validate, shown);
    expect(JSON.parse(shown).summary).toMatchObject({
      silences: [{ address, heardUntil: '2026-11-22T12:03:04.000Z', heardAgain: null, portsNotTold: 31_022 }],
      unheard: { hosts: 2, beyondMs: 1_250 },
    });
  });

  it('describes what a scan of a fleet has cost', async () => {
    const estimate = { atLeast: 0.011, expected: 0.04, ifSilent: 0.0524 };
    const cost = { dollars: 0.012, estimate, limit: null, workerSeconds: 911.6, requests: 3_800, writeUnits: 74_000.5 };
    const shown = await whole(formatReport('json', report([], tcp([1, 3]), { summary: { cost } }), OPTIONS));
    expectValid(validate, shown);
    expect(JSON.parse(shown).summary.cost).toEqual(cost);
  });

  it('refuses what is no report', () => {
    expect(validate({ schemaVersion: 1 })).toBe(false);
  });
});

describe('docs/diff.schema.json', () => {
  it('describes every difference', async () => {
    const validate = schemaOf('diff.schema.json');
    await fc.assert(
      fc.asyncProperty(arbitraryReport, arbitraryReport, async (before, after) => {
        const side = ({ hosts, make }: typeof before, label: string) => ({
          ...make(),
          label,
          hosts: each(sorted(hosts)),
        });
        const diff = diffScans(side(before, 'A'), side(after, 'B'), compareAddresses);
        expectValid(validate, await whole(formatDiff('json', diff, OPTIONS)));
      }),
      { numRuns: 60 },
    );
  });
});
