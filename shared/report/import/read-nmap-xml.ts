import { errorValue } from '../../domain/errors.ts';
import { err, ok, type Result } from '../../domain/result.ts';
import { epochMillis } from '../../domain/units.ts';
import { hostsOf, newRun, type RunDraft } from './nmap-draft.ts';
import { AT_BEGINNING, AT_END, AT_INSTRUCTION } from './nmap-elements.ts';
import type { NmapRun } from './nmap-run.ts';
import { readAttributes, type XmlToken, xmlTokenizer } from './xml-tokens.ts';

/** nmap's own tables in script output are some ten deep. */
const DEEPEST = 200;

/**
 * Reads the XML that nmap, masscan or Portfleet writes, piece by piece. A file that is cut off (nmap was killed) gives
 * the hosts that are whole, and a note.
 * Errors: NMAP_XML_UNREADABLE, with the line.
 */
export async function readNmapXml(pieces: AsyncIterable<string>, file: string): Promise<Result<NmapRun>> {
  const tokensOf = xmlTokenizer();
  const reader = nmapReader();
  for await (const piece of pieces) {
    for (const token of tokensOf(piece)) {
      const wrong = reader.take(token);
      if (wrong !== undefined) return err(errorValue('NMAP_XML_UNREADABLE', `${file}: ${wrong}`));
    }
  }
  const end = reader.finish();
  if (end.kind === 'nothing') return err(errorValue('NMAP_XML_UNREADABLE', `${file}: there is no <nmaprun> in it`));
  const cut = end.kind === 'whole' ? [] : [`The file ends before its end; ${end.lost}.`];
  return ok({ ...finishedRun(end.run), notes: [...cut, ...omissions(end.run)] });
}

type End =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'whole'; readonly run: RunDraft }
  | { readonly kind: 'cut'; readonly run: RunDraft; readonly lost: string };

/** Takes tokens and keeps what the tables of elements say. `take` tells what is wrong, once, if something is. */
function nmapReader() {
  const run = newRun();
  const path: string[] = [];
  let begun = false;
  function open(name: string, attributes: ReadonlyMap<string, string>): string | undefined {
    if (path.length === 0 && (name !== 'nmaprun' || begun)) return `<${name}> is not what nmap writes`;
    if (path.length === DEEPEST) return `elements stand more than ${DEEPEST} deep`;
    begun = true;
    path.push(path.length === 0 ? name : `${path.at(-1)}/${name}`);
    AT_BEGINNING[path.at(-1) ?? '']?.(run, attributes);
    return undefined;
  }
  function close(name: string): string | undefined {
    const last = path.pop();
    if (last?.slice(last.lastIndexOf('/') + 1) !== name) return `</${name}> closes an element that is not open`;
    AT_END[last]?.(run);
    return undefined;
  }
  function take(token: XmlToken): string | undefined {
    switch (token.kind) {
      case 'open':
        return open(token.name, token.attributes) ?? (token.empty ? close(token.name) : undefined);
      case 'close':
        return close(token.name);
      case 'instruction':
        return obey(token.target, token.text);
      case 'broken':
        return `line ${token.line}: ${token.detail}`;
      default:
        return token satisfies never;
    }
  }
  function obey(target: string, text: string): undefined {
    const [head, word] = /^\s*(\w+)/.exec(text) ?? [];
    const step = AT_INSTRUCTION[`${path.at(-1)} ${word}`];
    const read = head === undefined ? undefined : readAttributes(text, head.length);
    if (target === 'portfleet' && step && read) step(run, read.attributes);
  }
  function finish(): End {
    if (!begun) return { kind: 'nothing' };
    if (path.length === 0) return { kind: 'whole', run };
    const inHost = path.includes('nmaprun/host');
    const host = run.host.address ?? 'a host';
    return { kind: 'cut', run, lost: inHost ? `${host} is not complete and is left out` : 'hosts may be missing' };
  }
  return { take, finish };
}

function finishedRun(run: RunDraft): Omit<NmapRun, 'notes'> {
  const hosts = hostsOf(run);
  const startedAt = run.startedAt ?? epochMillis(0);
  const lastHost = hosts.reduce((latest, { endedAt }) => Math.max(latest, endedAt ?? 0), startedAt as number);
  return { args: run.args, startedAt, finishedAt: run.finishedAt ?? epochMillis(lastHost), asked: run.asked, hosts };
}

const omissions = (run: RunDraft): string[] =>
  [...run.omitted].map(([what, times]) => `Left out: ${what}${times === 1 ? '' : ` (${times} times)`}.`);
