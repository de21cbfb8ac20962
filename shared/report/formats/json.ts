import { presenceOf } from '../../domain/host-presence.ts';
import type { HostReport, PortRun, Report } from '../../domain/report.ts';
import { isSettled, stateAndReason } from '../../domain/verdict.ts';
import type { FormatOptions, MakeSections } from './format-options.ts';
import { jsonFinding } from './json-finding.ts';
import { jsonText } from './printable.ts';
import { durationText, isoTime, roundMillis } from './time.ts';

/** Rises when a reader of the older documents would go wrong; new members alone don't raise it. */
export const JSON_SCHEMA_VERSION = 1;

/**
 * One object, described by `docs/report.schema.json`. A host is a line, so that the document streams and `grep` works.
 * `ending` comes last and says whether all hosts are there.
 */
export const jsonSections: MakeSections = (report, options) => {
  let separator = '\n';
  return {
    *head() {
      const members = Object.entries(documentHead(report, options)).map(
        ([key, value]) => `"${key}": ${jsonText(value)},\n`,
      );
      yield `{\n${members.join('')}"hosts": [`;
    },
    *item(host) {
      yield `${separator}${jsonText(jsonHost(host))}`;
      separator = ',\n';
    },
    *tail(ending) {
      yield `\n],\n"ending": ${jsonText(ending)}\n}\n`;
    },
  };
};

function documentHead({ scan, summary }: Pick<Report, 'scan' | 'summary'>, options: FormatOptions) {
  return {
    schemaVersion: JSON_SCHEMA_VERSION,
    generator: { name: 'portfleet', version: options.version, writtenAt: isoTime(options.now) },
    scan: {
      id: scan.id,
      status: scan.status,
      request: scan.request,
      timing: scan.plan.timing.template,
      submittedAt: isoTime(scan.submittedAt),
      finishedAt: scan.finishedAt === null ? null : isoTime(scan.finishedAt),
    },
    summary: {
      planned: summary.planned,
      settled: summary.settled,
      unprobed: summary.unprobed,
      pending: summary.pending,
      asks: {
        sent: summary.tally.asks,
        answered: summary.tally.answered,
        answeredRetries: summary.tally.answeredRetries,
        mostAttempts: summary.tally.mostAttempts,
        smoothedRttMs: summary.tally.smoothedRtt === null ? null : roundMillis(summary.tally.smoothedRtt),
        answersPerSecond: summary.tally.answersPerSecond ?? null,
        pings: summary.tally.pings ?? 0,
        pingsAnswered: summary.tally.pingsAnswered ?? 0,
        pacedTo: summary.tally.pacedTo ?? null,
      },
      suspicions: summary.anomalies,
      durationMs: roundMillis(summary.duration),
      duration: durationText(summary.duration),
    },
  };
}

const jsonHost = (host: HostReport) => ({
  address: host.address,
  names: host.names,
  presence: presenceOf(host).state,
  ports: host.findings.map(jsonFinding),
  otherPorts: host.runs.map(jsonRun),
});

/** A settled run has `state` and `reason`, an unprobed one has `unprobed` with the cause, a pending one `pending`. */
function jsonRun({ protocol, first, last, count, verdict }: PortRun) {
  const range = { protocol, first, last, count };
  if (isSettled(verdict)) return { ...range, ...stateAndReason(verdict) };
  return verdict === 'pending'
    ? { ...range, pending: true }
    : { ...range, unprobed: verdict.slice('unprobed/'.length) };
}
