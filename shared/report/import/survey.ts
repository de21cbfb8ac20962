import { compareAddresses } from '../../domain/addresses/address-line.ts';
import { addressSet, singleAddress } from '../../domain/addresses/address-set.ts';
import { quoted } from '../../domain/excerpt.ts';
import type { HostFacts, ImportFacts } from '../../domain/imported.ts';
import { type PortRange, type PortSet, portSet } from '../../domain/port-set.ts';
import { ok, type Result } from '../../domain/result.ts';
import type { ResolvedName } from '../../domain/scan.ts';
import { type Address, HIGHEST_PORT, type PortNumber } from '../../domain/units.ts';
import { markMentioned, type PortCodes, readVerdicts, showsAnswer } from './host-verdicts.ts';
import type { FileHost, FileReader, FileRun, ScanFile } from './scan-file.ts';

/** What a first reading of a file comes to: everything but the hosts themselves. */
export interface Survey {
  readonly run: FileRun;
  /** Every port that the file says it scanned, or mentions. */
  readonly ports: PortSet;
  /** The addresses in the order of a plan. */
  readonly addresses: readonly Address[];
  /** Addresses of which the file has several elements, with their number. */
  readonly repeated: ReadonlyMap<Address, number>;
  /** The file has its hosts in the order of a plan. */
  readonly inOrder: boolean;
  readonly names: readonly ResolvedName[];
  readonly facts: ImportFacts;
  /** Hosts or ports of the file are not in the scan. */
  readonly hasLosses: boolean;
  /** Some service was identified. */
  readonly identified: boolean;
}

export type ReadFile = (file: ScanFile) => FileReader;

/** Reads the file once through. */
export async function surveyFile(file: ScanFile, read: ReadFile): Promise<Result<Survey>> {
  const draft = newDraft();
  const hosts = read(file);
  for (;;) {
    const next = await hosts.next();
    if (!next.done) addHost(draft, next.value);
    else return next.value.ok ? ok(finishSurvey(draft, next.value.value, file)) : next.value;
  }
}

interface Draft {
  readonly mentioned: PortCodes;
  readonly times: Map<Address, number>;
  readonly names: Map<string, Set<Address>>;
  readonly facts: Record<string, HostFacts>;
  /** Ports known by count alone, by state. */
  readonly counted: Map<string, number>;
  /** Ports that are one of several states each, by state. */
  readonly split: Map<string, number>;
  /** Ports in states that are none of ours. */
  readonly foreign: Map<string, number>;
  last: Address | undefined;
  inOrder: boolean;
  identified: boolean;
}

const newDraft = (): Draft => ({
  mentioned: { tcp: new Uint8Array(HIGHEST_PORT + 1), udp: new Uint8Array(HIGHEST_PORT + 1) },
  times: new Map(),
  names: new Map(),
  facts: {},
  counted: new Map(),
  split: new Map(),
  foreign: new Map(),
  last: undefined,
  inOrder: true,
  identified: false,
});

function addHost(draft: Draft, host: FileHost): void {
  const { address, names } = host;
  const { codes, counted, split, foreign } = readVerdicts(host);
  markMentioned(host, draft.mentioned);
  for (const { state, count } of counted) addTo(draft.counted, state, count);
  for (const { state, count } of split) addTo(draft.split, state, count);
  for (const [state, count] of foreign) addTo(draft.foreign, state, count);
  draft.times.set(address, (draft.times.get(address) ?? 0) + 1);
  for (const name of names.map(ownCopy)) draft.names.set(name, (draft.names.get(name) ?? new Set()).add(address));
  const facts = { ...draft.facts[address], ...factsBeyondPorts(host, codes) };
  if (Object.keys(facts).length > 0) draft.facts[address] = ownCopy(facts);
  draft.inOrder &&= draft.last === undefined || compareAddresses(draft.last, address) < 0;
  draft.last = address;
  draft.identified ||= host.ports.some(({ service }) => service?.method === 'probed');
}

const addTo = (counts: Map<string, number>, key: string, count: number): void => {
  counts.set(ownCopy(key), (counts.get(key) ?? 0) + count);
};

/**
 * V8 cuts texts out of the piece that they were read in, and keeps the piece as long as the text: a name of each host
 * would keep the whole file.
 */
const ownCopy = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

/** A status counts where the ports do not show the same; `user-set` is what -Pn makes of any host. */
function factsBeyondPorts({ facts: { status, ...facts }, ports, extras }: FileHost, codes: PortCodes): HostFacts {
  if (!status || ['user-set', 'unknown-response', ''].includes(status.reason)) return facts;
  if (status.state === 'down') return ports.length + extras.length === 0 ? { ...facts, status } : facts;
  const reasons = [...ports, ...extras.flatMap((extra) => extra.reasons)];
  return showsAnswer(codes) || reasons.some(({ reason }) => reason === status.reason) ? facts : { ...facts, status };
}

function finishSurvey(draft: Draft, run: FileRun, file: ScanFile): Survey {
  const addresses = [...draft.times.keys()];
  if (!draft.inOrder) addresses.sort(compareAddresses);
  const omitted = new Map(run.omitted);
  for (const [state, count] of draft.counted) omitted.set(`${state} ports that are counted and not listed`, count);
  for (const [state, count] of draft.foreign) omitted.set(`${quoted(state)} ports, which tell no state of ours`, count);
  const { tool, scanned, incomplete, remarks } = run;
  return {
    run,
    ports: run.own && scanned ? scanned : mentionedPorts(draft.mentioned, scanned),
    addresses,
    repeated: new Map([...draft.times].filter(([, times]) => times > 1)),
    inOrder: draft.inOrder,
    names: [...draft.names].map(([name, all]) => ({ name, addresses: [...all] })),
    facts: {
      file: file.name,
      tool,
      ports: scanned ? 'listed' : 'mentioned',
      ...(incomplete !== undefined && { incomplete }),
      notes: [...remarks, ...splitSentence(draft.split), ...omissionSentence(omitted)],
      hosts: draft.facts,
    },
    hasLosses: incomplete !== undefined || run.lostHosts > 0 || draft.counted.size > 0 || draft.foreign.size > 0,
    identified: draft.identified,
  };
}

/** Of ports that the file only counts, more is known of all together than of each. */
const splitSentence = (split: ReadonlyMap<string, number>): string[] =>
  split.size === 0
    ? []
    : [
        `Of the ports that are closed or filtered, ${[...split].map(([state, count]) => `${count} are ${state}`).join(' and ')}; the file does not say which.`,
      ];

/** "Not kept: 12 results of scripts, 3 traceroutes." */
const omissionSentence = (omitted: ReadonlyMap<string, number>): string[] =>
  omitted.size === 0
    ? []
    : [
        `Not kept: ${[...omitted].map(([what, count]) => (count === 1 ? `1 ${singular(what)}` : `${count} ${what}`)).join(', ')}.`,
      ];

/** "results of scripts" to "result of scripts": the first noun loses its s. */
const singular = (what: string): string => what.replace(/^((?:\S+ )??\w+?)s(?= |$)/, '$1');

function mentionedPorts(mentioned: PortCodes, scanned: PortSet | null): PortSet {
  const { tcp, udp } = scanned ?? { tcp: [], udp: [] };
  return portSet([...tcp, ...flaggedRanges(mentioned.tcp)], [...udp, ...flaggedRanges(mentioned.udp)]);
}

function flaggedRanges(flags: Uint8Array): PortRange[] {
  const ranges: PortRange[] = [];
  for (let first = flags.indexOf(1); first >= 0; first = flags.indexOf(1, first)) {
    const end = flags.indexOf(0, first);
    const after = end < 0 ? flags.length : end;
    ranges.push([first as PortNumber, (after - 1) as PortNumber]);
    first = after;
  }
  return ranges;
}

/** The addresses as a plan has them. */
export const rangesOf = (addresses: readonly Address[]) => addressSet(addresses.map(singleAddress));
