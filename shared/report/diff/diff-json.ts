import { countPorts, formatPorts } from '../../domain/port-set.ts';
import { stateAndReason } from '../../domain/verdict.ts';
import { jsonFinding } from '../formats/json.ts';
import { jsonText } from '../formats/printable.ts';
import { isoTime } from '../formats/time.ts';
import { type HostDiff, isWholeAndSame, type PortChange } from './diff-host.ts';
import type { DiffSide, MakeDiffSections } from './diff-scans.ts';
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
      if (isWholeAndSame(item)) return;
      yield `${separator}${jsonText(jsonItem(item))}`;
      separator = ',\n';
    },
    *tail(ending) {
      yield `\n],\n"tally": ${jsonText(tally)},\n"ending": ${jsonText(ending)}\n}\n`;
    },
  };
};

const jsonSide = ({ label, scan }: Omit<DiffSide, 'hosts'>) => ({
  label,
  scanId: scan.id,
  status: scan.status,
  submittedAt: isoTime(scan.submittedAt),
});

function jsonItem(item: HostDiff) {
  const { address, names, reverseNames, presence, compared, openBefore } = item;
  const who = { address, names, reverseNames };
  const changes = item.changes.map(jsonChange);
  const wasOpen = countPorts(openBefore) > 0 ? { openBefore: formatPorts(openBefore) } : {};
  if (item.kind !== 'both') return { ...who, presence, changes, ...wasOpen, notCompared: item.kind };
  const { before, after, neither } = item.notCompared;
  const states = item.states.map(({ protocol, before: was, after: is, count, ranges }) => ({
    protocol,
    before: was,
    after: is,
    count,
    ranges,
  }));
  const notCompared = { before: formatPorts(before), after: formatPorts(after), neither: formatPorts(neither) };
  return { ...who, presence, changes, states, compared, ...wasOpen, notCompared };
}

/** Either side is an open port as in a report, the state and reason of another, or null where the scan does not know. */
function jsonChange(change: PortChange) {
  const { kind } = change;
  switch (kind) {
    case 'newly-open':
      return { kind, ...portOf(change.after), before: stateAndReason(change.before), after: jsonFinding(change.after) };
    case 'no-longer-open':
      return {
        kind,
        ...portOf(change.before),
        before: jsonFinding(change.before),
        after: stateAndReason(change.after),
      };
    case 'other-service': {
      const { what, before, after } = change;
      return { kind, ...portOf(after), what, before: jsonFinding(before), after: jsonFinding(after) };
    }
    case 'open-not-known-before':
      return { kind, ...portOf(change.after), before: null, after: jsonFinding(change.after) };
    case 'open-not-known-after':
      return { kind, ...portOf(change.before), before: jsonFinding(change.before), after: null };
    default:
      return kind satisfies never;
  }
}

const portOf = ({ protocol, port }: { protocol: string; port: number }) => ({ protocol, port });
