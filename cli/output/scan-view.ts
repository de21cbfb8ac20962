import { createColors } from 'picocolors';
import { NO_PROBES } from '../../shared/domain/coverage.ts';
import { type Finding, wasIdentified } from '../../shared/domain/finding.ts';
import type { Report } from '../../shared/domain/report.ts';
import type { Scan, ScanSummary } from '../../shared/domain/scan.ts';
import { type Address, millis } from '../../shared/domain/units.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import { plannedProbes } from '../../shared/plan/split-chunks.ts';
import type { Expected } from '../../shared/report/expectations/expect.ts';
import { FORMATS, type FormatName } from '../../shared/report/formats/format.ts';
import { findingLine } from '../../shared/report/formats/port-lines.ts';
import type { CliContext } from '../context.ts';
import type { Following } from '../deployment.ts';
import type { FollowOptions } from '../options/command-table.ts';
import { type FoundPorts, makeFoundPorts } from './found-ports.ts';
import { makeProgressLine, type ProgressLine } from './progress-line.ts';
import { formatOptions, printReport, timeFormatOf } from './report-output.ts';

/** What is shown of a scan while it runs, and its report at the end. */
export interface ScanView extends Pick<Following, 'onFound' | 'onSettled'> {
  readonly line: ProgressLine;
  /** The report; of a format that streams, only what was not printed yet. */
  finish(report: Report): Promise<void>;
}

/** Formats of a line a port, which can be printed as they are found. */
const LINES: ReadonlySet<string> = new Set<FormatName>(['jsonl', 'list']);

/** A list of hosts waits for the end: one that refuses everything is up, and no port of it is ever found. */
const isStreamed = (format: FormatName, { plan }: Scan): boolean =>
  LINES.has(format) && !(format === 'list' && plan.discovery?.kind === 'only');

/**
 * Standard output gets each port once: as it is found where the format is one of lines, else in the report. Then the
 * lines of the ports as they are found go to standard error, for the person who waits there.
 */
export function makeScanView(
  scan: Scan,
  { format, expected }: { readonly format: FormatName; readonly expected: Expected | null },
  options: FollowOptions,
  ctx: CliContext,
): ScanView {
  const line = makeProgressLine(options.quiet ? null : ctx.stderr, systemClock);
  const streams = isStreamed(format, scan);
  const print = streams ? streamedLine(scan, format, options, ctx) : liveLine(scan, options, ctx, format === 'text');
  const found = makeFoundPorts();
  const show = (finding: Finding): void => {
    // What a port is comes some seconds after it was found open, and changes its line.
    const isToPrint = !streams || scan.plan.detect === 'none' || wasIdentified(finding);
    if (!found.add(finding, isToPrint)) return;
    line.clear();
    print(finding);
  };
  const planned = plannedProbes(scan.plan.geometry);
  return {
    line,
    onFound: (findings) => findings.forEach(show),
    onSettled: (settled, left) => line.show({ settled, planned, open: found.size(), left }),
    async finish(report) {
      line.clear();
      if (!streams) return printReport(report, format, options, ctx, expected);
      const rest = { ...report, hosts: withoutPrinted(report.hosts, found) };
      return printReport(rest, format, options, ctx);
    },
  };
}

async function* withoutPrinted(hosts: Report['hosts'], found: FoundPorts): Report['hosts'] {
  for await (const host of hosts) {
    yield { ...host, findings: host.findings.filter((finding) => !found.isPrinted(finding)) };
  }
}

/** The line of the format itself, on standard output. */
function streamedLine(scan: Scan, format: FormatName, options: FollowOptions, ctx: CliContext) {
  const sections = FORMATS[format].sections({ scan, summary: nothingYet(scan) }, formatOptions(options, ctx));
  const names = (address: Address): string[] =>
    scan.names.flatMap(({ name, addresses }) => (addresses.includes(address) ? [name] : []));
  return (finding: Finding): void => {
    const { address } = finding;
    const host = { address, names: names(address), findings: [finding], runs: [] };
    for (const text of sections.item(host)) void ctx.stdout.write(text);
  };
}

/** Before the first answer. */
const nothingYet = ({ plan }: Scan): ScanSummary => {
  const planned = plannedProbes(plan.geometry);
  return { planned, settled: {}, unprobed: {}, pending: planned, tally: NO_PROBES, anomalies: [], duration: millis(0) };
};

/** A line for a person on a terminal, or for one who asked for it with -v; nothing for anyone else. */
function liveLine(scan: Scan, options: FollowOptions, { stderr }: CliContext, isText: boolean) {
  const isWanted = !options.quiet && ((options.verbose ?? 0) > 0 || (isText && stderr.isTerminal));
  if (!isWanted) return () => {};
  const addresses = scan.plan.geometry.addressCount === 1 ? 'one' : 'many';
  const width = stderr.isTerminal ? { width: stderr.width() } : {};
  const style = { timeFormat: timeFormatOf(options), addresses, ...width } as const;
  const { green } = createColors(stderr.colours);
  // The escapes of the colour are ours; the line has none of a target's.
  return (finding: Finding): void => {
    const text = findingLine(finding, style);
    if (stderr.colours) stderr.draw(`${green(text)}\n`);
    else void stderr.write(`${text}\n`);
  };
}
