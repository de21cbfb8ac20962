import type { Detection } from '../../shared/domain/detection.ts';
import { formatPorts } from '../../shared/domain/port-set.ts';
import type { Millis } from '../../shared/domain/units.ts';
import { plannedProbes } from '../../shared/plan/split-chunks.ts';
import { printable } from '../../shared/report/formats/printable.ts';
import { durationText } from '../../shared/report/formats/time.ts';
import { type CliContext, EXIT, type ExitCode } from '../context.ts';
import type { PlannedScan } from '../deployment.ts';

const grouped = (value: number): string => value.toLocaleString('en');

/** Ranges shown before the rest is only counted. */
const SHOWN = 8;

/** No estimate is good for more than hundredths of a second: what comes after them is cut off. */
const estimateText = (time: Millis): string => durationText(time).slice(0, -'0000'.length);

/** `--dry-run`: what would be probed, how, for how long and for how much. No host is probed. */
export async function printPlan({ scan, asks, time, dollars, by }: PlannedScan, ctx: CliContext): Promise<ExitCode> {
  const { geometry, timing, ...plan } = scan.plan;
  const shown = plan.addresses.slice(0, SHOWN).map(({ first, last }) => (first === last ? first : `${first}-${last}`));
  const left = plan.addresses.length - shown.length;
  const more = left > 0 ? ` and ${grouped(left)} ranges more` : '';
  const rate = timing.ratePerTarget === null ? 'no limit' : `${timing.ratePerTarget} probes a second`;
  const rows = [
    ['Addresses', `${grouped(geometry.addressCount)}: ${shown.join(', ')}${more}`],
    ...scan.names.map(({ name, addresses }) => ['', `${printable(name)} is ${addresses.join(', ')}`]),
    ['Ports', `${grouped(geometry.portCount)}: ${formatPorts(plan.ports)}`],
    ['Probes', `${grouped(plannedProbes(geometry))} in ${grouped(geometry.chunks)} chunks, for ${by}`],
    ['Timing', `${timing.template}; ${rate} to one address; probes wait ${timing.initialRttTimeout} ms at first`],
    ['Time', `${estimateText(time.atLeast)} if every port answers at once (${grouped(asks.atLeast)} probes),`],
    [
      '',
      `${estimateText(time.ifSilent)} if none answers${plan.ports.udp.length > 0 ? UDP_WORDS : ''} (${grouped(asks.ifSilent)} probes)`,
    ],
    ...(plan.detect === 'none' ? [] : [['Services', SERVICE_WORDS[plan.detect]]]),
    ...(dollars ? [['Cost', `${dollarText(dollars.atLeast)} to ${dollarText(dollars.ifSilent)}, by the list`]] : []),
  ];
  await ctx.stdout.write(rows.map(([title = '', text = '']) => `${title.padEnd(10)} ${text}\n`).join(''));
  await ctx.stdout.write('Nothing was probed.\n');
  return EXIT.done;
}

/** What Linux does by itself, and what takes the longest of a scan of UDP. */
const UDP_WORDS = ', or if hosts say of one UDP port a second that it is closed';

/** The second pass comes on top of the time: how much depends on how many ports are open. */
const SERVICE_WORDS = {
  services: 'services of open TCP ports are detected, some seconds more a chunk',
  tls: 'services and certificates of open TCP ports are read, some seconds more a chunk',
} as const satisfies Record<Exclude<Detection, 'none'>, string>;

/** Two digits that matter, and never fewer than cents: "$0.00081", "$0.15", "$12.40". */
function dollarText(amount: number): string {
  const digits = amount > 0 && amount < 0.1 ? 1 - Math.floor(Math.log10(amount)) : 2;
  return `$${amount.toFixed(digits)}`;
}
