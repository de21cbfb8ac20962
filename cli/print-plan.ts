import { formatPorts } from '../shared/domain/port-set.ts';
import type { Scan } from '../shared/domain/scan.ts';
import { printable } from '../shared/formats/printable.ts';
import { durationText } from '../shared/formats/time.ts';
import { estimate } from '../shared/plan/estimate.ts';
import { plannedProbes } from '../shared/plan/split-chunks.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { localFleet } from './local-fleet.ts';
import type { Surroundings } from './surroundings.ts';

const grouped = (value: number): string => value.toLocaleString('en');

/** Ranges shown before the rest is only counted. */
const SHOWN = 8;

/** `--dry-run`: what would be asked, how, and for how long. Nobody is asked. */
export function printPlan(scan: Scan, workers: number, around: Surroundings): ExitCode {
  const { plan, names } = scan;
  const { geometry, timing } = plan;
  const ranges = plan.addresses.map(({ first, last }) => (first === last ? first : `${first}-${last}`));
  const more = ranges.length > SHOWN ? ` and ${grouped(ranges.length - SHOWN)} ranges more` : '';
  const { asksAtLeast, asksIfSilent, shortest, ifSilent } = estimate(
    plan,
    localFleet(workers, plan.socketsPerWorker ?? undefined),
  );
  const pace = timing.ratePerTarget === null ? 'no limit' : `${timing.ratePerTarget} asks a second`;
  const rows = [
    ['Addresses', `${grouped(geometry.addressCount)}: ${ranges.slice(0, SHOWN).join(', ')}${more}`],
    ...names.map(({ name, addresses }) => ['', `${printable(name)} is ${addresses.join(', ')}`]),
    ['Ports', `${grouped(geometry.portCount)}: ${formatPorts(plan.ports)}`],
    ['Probes', `${grouped(plannedProbes(geometry))} in ${grouped(geometry.chunks)} chunks, for ${workers} workers`],
    ['Timing', `${timing.template}; ${pace} to one address; asks wait ${timing.initialRttTimeout} ms at first`],
    ['Time', `${durationText(shortest)} if every port answers at once (${grouped(asksAtLeast)} asks),`],
    ['', `${durationText(ifSilent)} if none answers (${grouped(asksIfSilent)} asks)`],
  ];
  around.stdout.write(rows.map(([title = '', text = '']) => `${title.padEnd(10)} ${text}\n`).join(''));
  around.stdout.write('Nothing was asked.\n');
  return EXIT.done;
}
