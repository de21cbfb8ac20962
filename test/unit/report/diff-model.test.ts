import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareAddresses } from '../../../shared/domain/addresses/address-line.ts';
import type { Finding, Service } from '../../../shared/domain/finding.ts';
import { portSet } from '../../../shared/domain/port-set.ts';
import type { HostReport, PortRun } from '../../../shared/domain/report.ts';
import type { Verdict } from '../../../shared/domain/verdict.ts';
import { addToTally, type DiffSide, diffScans, NOTHING_COMPARED } from '../../../shared/report/diff/diff-scans.ts';
import { formatReport } from '../../../shared/report/formats/format.ts';
import { imported } from '../../helpers/import-file.ts';
import { finding, OPTIONS, port, report, whole } from '../../helpers/sample-report.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

/** What one scan says of one port: a verdict, and the program where it is open. */
interface Said {
  readonly verdict: Verdict;
  readonly product: string | null;
}

/** One scan: of each host each port that it planned. */
interface Told {
  readonly ports: readonly number[];
  readonly hosts: ReadonlyMap<string, ReadonlyMap<number, Said>>;
}

const PORTS = Array.from({ length: 12 }, (_, index) => index + 20);
const SETTLED: readonly Verdict[] = ['open/syn-ack', 'closed/conn-refused', 'filtered/no-response'];
const ALL: readonly Verdict[] = [
  ...SETTLED,
  'filtered/host-unreach',
  'unprobed/deadline',
  'unprobed/cancelled',
  'pending',
];

function told(verdicts: readonly Verdict[], hostCount: number, plan: fc.Arbitrary<number[]>): fc.Arbitrary<Told> {
  const said = fc.record({
    verdict: fc.constantFrom(...verdicts),
    product: fc.constantFrom(null, 'nginx', 'Apache'),
  });
  const cells = fc.array(said, { minLength: PORTS.length * hostCount, maxLength: PORTS.length * hostCount });
  const chosen = fc.subarray(Array.from({ length: hostCount }, (_, index) => `192.0.2.${index + 1}`));
  return fc.tuple(plan, chosen, cells).map(([ports, addresses, list]) => ({
    ports,
    hosts: new Map(
      addresses.map((address, host) => [
        address,
        new Map(
          ports.map((each) => [each, list[host * PORTS.length + each - 20] ?? { verdict: 'pending', product: null }]),
        ),
      ]),
    ),
  }));
}

const serviceOf = (product: string | null): Service =>
  product === null ? { name: 'http', method: 'table' } : { name: 'http', method: 'probed', product };

const hostOf = (address: string, ports: ReadonlyMap<number, Said>): HostReport => {
  const findings: Finding[] = [];
  const runs: PortRun[] = [];
  for (const [number, { verdict, product }] of ports) {
    if (verdict.startsWith('open/')) findings.push(finding(address, number, { service: serviceOf(product) }));
    else runs.push({ protocol: 'tcp', first: port(number), last: port(number), count: 1, verdict });
  }
  return { address: address as HostReport['address'], names: [], findings, runs };
};

const reportOf = ({ ports, hosts }: Told) =>
  report(
    [...hosts].map(([address, said]) => hostOf(address, said)),
    portSet(
      ports.map((each) => [port(each), port(each)]),
      [],
    ),
  );

const sideOf = (scan: Told, label: string): DiffSide => ({ label, ...reportOf(scan) });

async function tallyOf(before: DiffSide, after: DiffSide) {
  let tally = NOTHING_COMPARED;
  for await (const item of diffScans(before, after, compareAddresses).items) tally = addToTally(tally, item);
  return tally;
}

/** The rules of docs/formats.md in the plainest words: a loop over every host and every port. */
function model(before: Told, after: Told) {
  const count = { newlyOpen: 0, noLongerOpen: 0, otherService: 0, openNotKnownBefore: 0, otherState: 0 };
  const more = { compared: 0, openNotCompared: 0 };
  for (const address of new Set([...before.hosts.keys(), ...after.hosts.keys()])) {
    for (const number of PORTS) {
      const [was, is] = [before.hosts.get(address)?.get(number), after.hosts.get(address)?.get(number)];
      const [wasOpen, isOpen] = [was?.verdict.startsWith('open/'), is?.verdict.startsWith('open/')];
      const [known, now] = [isKnown(was), isKnown(is)];
      if (known && now) {
        more.compared++;
        if (wasOpen && isOpen) count.otherService += was?.product && is?.product && was.product !== is.product ? 1 : 0;
        else if (isOpen) count.newlyOpen++;
        else if (wasOpen) count.noLongerOpen++;
        else count.otherState += was?.verdict.split('/')[0] === is?.verdict.split('/')[0] ? 0 : 1;
      } else if (isOpen) count.openNotKnownBefore++;
      else if (wasOpen) more.openNotCompared++;
    }
  }
  return { ...count, ...more };
}

const isKnown = (said: Said | undefined): boolean =>
  said !== undefined && said.verdict !== 'pending' && !said.verdict.startsWith('unprobed/');

describe('a difference, held against a plain model', () => {
  it('counts what the model counts, for any two scans', async () => {
    const scan = told(ALL, 3, fc.subarray(PORTS, { minLength: 1 }));
    await fc.assert(
      fc.asyncProperty(scan, scan, async (before, after) => {
        const tally = await tallyOf(sideOf(before, 'A'), sideOf(after, 'B'));
        expect(tally).toMatchObject(model(before, after));
      }),
      { numRuns: 150 },
    );
  });

  it('comes to the same from the store and from files', async () => {
    const scan = told(SETTLED, 3, fc.constant(PORTS));
    await fc.assert(
      fc.asyncProperty(scan, scan, async (before, after) => {
        const fromFile = async (told: Told): Promise<DiffSide> => {
          const read = await imported(await whole(formatReport('xml', reportOf(told), OPTIONS)));
          return { label: 'file', scan: read.scan, hosts: read.hosts() };
        };
        fc.pre(before.hosts.size > 0 && before.hosts.size === after.hosts.size);
        fc.pre([...before.hosts.keys()].join() === [...after.hosts.keys()].join());
        const [direct, read] = [
          await tallyOf(sideOf(before, 'A'), sideOf(after, 'B')),
          await tallyOf(await fromFile(before), await fromFile(after)),
        ];
        // A file says of a service that is not recognised only that it was asked.
        expect({ ...read, otherService: 0 }).toEqual({ ...direct, otherService: 0 });
      }),
      { numRuns: 25 },
    );
  });

  it.skipIf(spawnSync('ndiff', ['--help']).status !== 0)(
    'sees a difference where ndiff sees one (skipped without ndiff)',
    async () => {
      const folder = tempDir();
      const withProgram = told(SETTLED, 2, fc.constant(PORTS)).map(({ ports, hosts }) => ({
        ports,
        hosts: new Map(
          [...hosts].map(([address, said]) => [
            address,
            // ndiff takes a name from a table for a service like any other.
            new Map([...said].map(([each, { verdict, product }]) => [each, { verdict, product: product ?? 'nginx' }])),
          ]),
        ),
      }));
      await fc.assert(
        fc.asyncProperty(withProgram, withProgram, async (before, after) => {
          // A host that answers on no port is "up" in XML, as under nmap -Pn; to us it is not there.
          fc.pre([before, after].every(({ hosts }) => [...hosts.values()].every(answers)));
          const files = await Promise.all(
            [before, after].map(async (scan, index) => {
              const xml = await whole(formatReport('xml', reportOf(scan), OPTIONS));
              const path = join(folder, `${index}.xml`);
              writeFileSync(path, xml);
              return { path, read: await imported(xml) };
            }),
          );
          const [one, two] = files;
          if (!one || !two) throw new Error('there are two files');
          const { status } = spawnSync('ndiff', [one.path, two.path]);
          const tally = await tallyOf(
            { label: 'A', scan: one.read.scan, hosts: one.read.hosts() },
            { label: 'B', scan: two.read.scan, hosts: two.read.hosts() },
          );
          const {
            hosts: _,
            hostsNotCompared: __,
            compared: ___,
            presenceCompared: ____,
            notCompared: _____,
            ...changes
          } = tally;
          expect(Object.values(changes).some((count) => count > 0)).toBe(status === 1);
        }),
        { numRuns: 8 },
      );
    },
    60_000,
  );
});

const answers = (said: ReadonlyMap<number, Said>): boolean =>
  [...said.values()].some(({ verdict }) => verdict.startsWith('open/') || verdict.startsWith('closed/'));
