import { canonicalAddress } from '../../domain/addresses/address-set.ts';
import type { PortAt } from '../../domain/port-set.ts';
import { ok } from '../../domain/result.ts';
import { type EpochMillis, portNumber } from '../../domain/units.ts';
import { readMasscanBanner } from './masscan-banner.ts';
import { readProtocol, readTime } from './read-values.ts';
import type { FileHost, FilePort, FileReader, ScanFile } from './scan-file.ts';

/** Of a longer line only the beginning is kept; masscan's own are shorter. */
const LONGEST_LINE = 65_536;

/** masscan's list: `open tcp 80 192.0.2.1 1700000000`, a line a port, between `#masscan` and `# end`. */
export async function* readMasscanList(file: ScanFile): FileReader {
  const omitted = new Map<string, number>();
  let [rest, ended] = ['', false];
  const times: { first?: EpochMillis | undefined; last?: EpochMillis | undefined } = {};
  async function* lines(): AsyncGenerator<string, void, void> {
    for await (const piece of file.open()) {
      const all = (rest + piece).split('\n');
      rest = (all.pop() ?? '').slice(0, LONGEST_LINE);
      yield* all;
    }
    if (rest !== '') yield rest;
  }
  for await (const line of lines()) {
    const words = line.trim();
    if (words.startsWith('#')) ended ||= words === '# end';
    else if (words !== '') {
      const host = hostOfLine(words);
      if (typeof host === 'string') omitted.set(host, (omitted.get(host) ?? 0) + 1);
      else {
        times.first ??= host.endedAt ?? undefined;
        times.last = host.endedAt ?? times.last;
        yield host;
      }
    }
  }
  return ok({
    tool: 'masscan',
    args: '',
    startedAt: times.first,
    finishedAt: times.last,
    scanned: null,
    incomplete: ended ? undefined : 'the file has no "# end"; ports may be missing',
    lostHosts: omitted.get(UNREADABLE) ?? 0,
    omitted,
    remarks: [],
  });
}

/** `banner tcp 22 192.0.2.1 1700000000 ssh SSH-2.0-OpenSSH_9.2`, or a line without what stands behind the time. */
function elementOf(
  at: PortAt,
  state: string,
  time: EpochMillis | undefined,
  kind: string | undefined,
  said: string,
): FilePort | string {
  if (state !== 'banner')
    return { ...at, state, reason: '', service: null, seen: time === undefined ? null : { at: time } };
  const read = readMasscanBanner(kind, said);
  if (read.kind === 'other' || time === undefined) return 'other banners of masscan';
  const { service, banner } = read;
  return { ...at, state: 'open', reason: '', service, seen: { at: time, banner } };
}

const UNREADABLE = 'lines that cannot be read';

/** The host of a line, or what to call the line that is left out. */
function hostOfLine(line: string): FileHost | string {
  const [state = '', proto, number, ip = '', seconds, kind, ...said] = line.split(' ');
  const [protocol, port, address] = [readProtocol(proto), portNumber(Number(number)), canonicalAddress(ip)];
  if (!protocol || port === undefined || !address) return UNREADABLE;
  const at = readTime(seconds, 1000);
  const element = elementOf({ protocol, port }, state, at, kind, said.join(' '));
  if (typeof element === 'string') return element;
  return {
    address,
    names: [],
    facts: {},
    endedAt: at ?? null,
    ports: [element],
    extras: [],
    gaps: [],
    scanned: null,
  };
}
