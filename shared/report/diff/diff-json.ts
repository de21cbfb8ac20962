import { formatPorts } from '../../domain/port-set.ts';
import { type Settled, stateAndReason } from '../../domain/verdict.ts';
import { jsonFinding } from '../formats/json.ts';
import { jsonText } from '../formats/printable.ts';
import { isoTime } from '../formats/time.ts';
import { type HostDiff, isSameHost, type PortChange } from './diff-host.ts';
import type { DiffItem, DiffSide, MakeDiffSections } from './diff-scans.ts';
import { addToTally, NOTHING_COMPARED } from './diff-scans.ts';

/** Rises when a reader of the older documents would go wrong. */
const DIFF_SCHEMA_VERSION = 1;

/** One object; hosts without a difference and with nothing left out are only counted in `tally`. */
export const diffJsonSections: MakeDiffSections = ({ before, after }, options) => {
  let separator = '\n';
  let tally = NOTHING_COMPARED;
  return {
    *head() {
      yield `{\n"schemaVersion": ${DIFF_SCHEMA_VERSION},\n`;
      yield `"generator": ${jsonText({ name: 'portfleet', version: options.version, writtenAt: isoTime(options.now) })},\n`;
      yield `"before": ${jsonText(jsonSide(before))},\n"after": ${jsonText(jsonSide(after))},\n"hosts": [`;
    },
    *item(item) {
      tally = addToTally(tally, item);
      if (item.kind === 'both' && isSameHost(item) && isWhole(item)) return;
      yield `${separator}${jsonText(jsonItem(item))}`;
      separator = ',\n';
    },
    *tail(ending) {
      yield `\n],\n"tally": ${jsonText(tally)},\n"ending": ${jsonText(ending)}\n}\n`;
    },
  };
};

const isWhole = ({ notCompared }: HostDiff): boolean =>
  Object.values(notCompared).every(({ tcp, udp }) => tcp.length + udp.length === 0);

const jsonSide = ({ label, scan }: Omit<DiffSide, 'hosts'>) => ({
  label,
  scanId: scan.id,
  status: scan.status,
  submittedAt: isoTime(scan.submittedAt),
});

function jsonItem(item: DiffItem) {
  if (item.kind !== 'both') return { address: item.address, names: item.names, notCompared: item.kind };
  const { before, after, neither } = item.notCompared;
  return {
    address: item.address,
    names: item.names,
    presence: item.presence,
    changes: item.changes.map(jsonChange),
    states: item.states.map(({ protocol, before: was, after: is, count, ranges }) => ({
      protocol,
      before: was,
      after: is,
      count,
      ranges,
    })),
    compared: item.compared,
    notCompared: { before: formatPorts(before), after: formatPorts(after), neither: formatPorts(neither) },
  };
}

/** Either side is an open port as in a report, or the state and reason of one that is not open. */
function jsonChange(change: PortChange) {
  switch (change.kind) {
    case 'newly-open':
      return {
        kind: change.kind,
        ...portOf(change.after),
        before: seen(change.before),
        after: jsonFinding(change.after),
      };
    case 'no-longer-open':
      return {
        kind: change.kind,
        ...portOf(change.before),
        before: jsonFinding(change.before),
        after: seen(change.after),
      };
    case 'other-service':
      return {
        kind: change.kind,
        ...portOf(change.after),
        before: jsonFinding(change.before),
        after: jsonFinding(change.after),
      };
    default:
      return change satisfies never;
  }
}

const portOf = ({ protocol, port }: { protocol: string; port: number }) => ({ protocol, port });
const seen = (verdict: Settled) => stateAndReason(verdict);
