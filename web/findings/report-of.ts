import { type FindingResource, portItemOf } from '../../shared/api/resources/port-resource.ts';
import { type ScanResource, scanOf } from '../../shared/api/resources/scan-resource.ts';
import { namesByAddress } from '../../shared/domain/address-names.ts';
import { NO_PROBES } from '../../shared/domain/coverage.ts';
import type { Finding } from '../../shared/domain/finding.ts';
import type { HostReport, Report } from '../../shared/domain/report.ts';
import type { ScanSummary } from '../../shared/domain/scan.ts';
import { epochMillis, millis } from '../../shared/domain/units.ts';
import { summaryOfRecord } from '../../shared/records/stored-summary.ts';
import { FORMATS, type FormatName, formatReport } from '../../shared/report/formats/format.ts';

export interface WrittenReport {
  readonly text: string;
  readonly mediaType: string;
  readonly extension: string;
}

/** A report of exactly these findings, in the order of reports; the counts are those of the whole scan. */
export async function reportOf(
  resource: ScanResource,
  findings: readonly FindingResource[],
  format: FormatName,
): Promise<WrittenReport> {
  const scan = scanOf(resource);
  const summary = resource.summary ? summaryOfRecord(resource.summary) : notCounted(resource.probes);
  const report: Report = { scan, summary, hosts: hostsOf(resource, findings) };
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const options = {
    openOnly: true,
    timeZone: zone,
    args: 'portfleet (what the page shows)',
    version: '',
    now: epochMillis(Date.now()),
  };
  let text = '';
  for await (const piece of formatReport(format, report, options)) text += piece;
  return { text, mediaType: FORMATS[format].mediaType, extension: FORMATS[format].extension };
}

/** A large scan that still runs is not counted: all of it is pending as far as the report knows. */
const notCounted = (planned: number): ScanSummary => ({
  planned,
  settled: {},
  unprobed: {},
  pending: planned,
  tally: NO_PROBES,
  anomalies: [],
  duration: millis(0),
});

async function* hostsOf(scan: ScanResource, resources: readonly FindingResource[]): AsyncGenerator<HostReport> {
  const names = namesByAddress(scan.names);
  const byAddress = new Map<string, Finding[]>();
  for (const resource of resources) {
    const item = portItemOf(resource);
    if (item?.kind !== 'finding') continue;
    byAddress.set(resource.address, [...(byAddress.get(resource.address) ?? []), item.finding]);
  }
  for (const findings of byAddress.values()) {
    const [first] = findings;
    if (first) yield { address: first.address, names: names.get(first.address) ?? [], findings, runs: [] };
  }
}
