import { canonicalAddress } from '../../domain/addresses/address-set.ts';
import { ok } from '../../domain/result.ts';
import { type EpochMillis, portNumber } from '../../domain/units.ts';
import { readProtocol, readTime } from './read-values.ts';
import type { FileHost, FileReader, ScanFile } from './scan-file.ts';

/** masscan's list: `open tcp 80 192.0.2.1 1700000000`, a line a port, between `#masscan` and `# end`. */
export async function* readMasscanList(file: ScanFile): FileReader {
  const omitted = new Map<string, number>();
  let [rest, ended] = ['', false];
  const times: { first?: EpochMillis | undefined; last?: EpochMillis | undefined } = {};
  async function* lines(): AsyncGenerator<string, void, void> {
    for await (const piece of file.open()) {
      const all = (rest + piece).split('\n');
      rest = all.pop() ?? '';
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
    lostHosts: 0,
    omitted,
    remarks: [],
  });
}

/** The host of a line, or what to call the line that is left out. */
function hostOfLine(line: string): FileHost | string {
  const [state = '', proto, number, ip = '', seconds] = line.split(/\s+/);
  if (state === 'banner') return 'banners of masscan';
  const [protocol, port, address] = [readProtocol(proto), portNumber(Number(number)), canonicalAddress(ip)];
  if (!protocol || port === undefined || !address) return 'lines that cannot be read';
  const at = readTime(seconds, 1000);
  const element = { protocol, port, state, reason: '', service: null, seen: at === undefined ? null : { at } };
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
