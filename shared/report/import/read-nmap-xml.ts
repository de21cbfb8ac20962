import { errorValue } from '../../domain/errors.ts';
import { err, ok, type Result } from '../../domain/result.ts';
import { AT_BEGINNING, AT_END, AT_INSTRUCTION, newRun, omit, type RunDraft, remark } from './nmap-elements.ts';
import type { FileReader, FileRun, ScanFile } from './scan-file.ts';
import { type Attributes, readAttributes, type XmlToken, xmlTokenizer } from './xml-tokens.ts';

/** nmap's own tables in script output are some ten deep. */
const DEEPEST = 200;

/** In front of <nmaprun> stand a declaration, a style sheet and a comment. What goes on without one is another file, or never ends. */
const LONGEST_PREAMBLE = 2 ** 20;

/**
 * Reads the XML that nmap, masscan or Portfleet writes, piece by piece, host by host. A file that is cut off (nmap was
 * killed) gives the hosts that are whole.
 *
 *   nothing ──<nmaprun>──▶ in a run ──</nmaprun>──▶ between runs ──<nmaprun> (--append-output)──▶ in a run
 *                            │ the file ends, or a new document begins: the run was cut off
 *
 * Errors: NMAP_XML_UNREADABLE, with the line.
 */
export async function* readNmapXml(file: ScanFile): FileReader {
  const tokensOf = xmlTokenizer();
  const run = newRun();
  const reader = makeReader(run);
  let read = 0;
  for await (const piece of file.open()) {
    read += piece.length;
    for (const token of tokensOf(piece)) {
      const wrong = reader.take(token);
      if (wrong !== undefined) return err(errorValue('NMAP_XML_UNREADABLE', `${file.name}: ${wrong}`));
    }
    yield* run.ready.splice(0);
    if (run.documents === 0 && read > LONGEST_PREAMBLE) break;
  }
  reader.finish();
  if (run.documents === 0) {
    return err(errorValue('NMAP_XML_UNREADABLE', `${file.name}: there is no <nmaprun> in it`));
  }
  return finishedRun(run);
}

/** Keeps what the tables of elements say. `take` tells what is wrong, if something is. */
function makeReader(run: RunDraft) {
  const path: string[] = [];
  function open(name: string, attributes: Attributes): string | undefined {
    if (name === 'nmaprun' && path.length > 0) cutOff();
    if (path.length === 0 && name !== 'nmaprun') return `<${name}> is not what nmap writes`;
    if (path.length === DEEPEST) return `elements stand more than ${DEEPEST} deep`;
    path.push(path.length === 0 ? name : `${path.at(-1)}/${name}`);
    AT_BEGINNING[path.at(-1) ?? '']?.(run, attributes);
    return undefined;
  }
  function close(name: string, text: string): string | undefined {
    const last = path.pop();
    if (last?.slice(last.lastIndexOf('/') + 1) !== name) return `</${name}> closes an element that is not open`;
    AT_END[last]?.(run, text);
    return undefined;
  }
  function take(token: XmlToken): string | undefined {
    switch (token.kind) {
      case 'open':
        return open(token.name, token.attributes) ?? (token.empty ? close(token.name, '') : undefined);
      case 'close':
        return close(token.name, token.text);
      case 'instruction':
        return obey(token.target, token.text);
      case 'broken':
        return `line ${token.line}: ${token.detail}`;
      default:
        return token satisfies never;
    }
  }
  function obey(target: string, text: string): undefined {
    if (target === 'xml' && path.length > 0) cutOff();
    const [head, word] = /^\s*(\w+)/.exec(text) ?? [];
    const step = AT_INSTRUCTION[`${path.at(-1)} ${word}`];
    const read = head === undefined ? undefined : readAttributes(text, head.length);
    if (target === 'portfleet' && step && read) step(run, read.attributes);
  }
  /** The document ends in the middle; what was read of its last host is not trusted. */
  function cutOff(): void {
    const host = run.host.address ?? 'a host';
    const lost = path.includes('nmaprun/host') ? `${host} is not complete and is left out` : 'hosts may be missing';
    run.incomplete ??= `the file ends before its end; ${lost}`;
    path.length = 0;
    AT_END['nmaprun']?.(run, '');
  }
  return { take, finish: () => (path.length > 0 ? cutOff() : undefined) };
}

function finishedRun(run: RunDraft): Result<FileRun> {
  if (run.documents > 1) {
    remark(run, `The file holds ${run.documents} runs; where they differ, the later one counts.`);
  }
  const unlisted = run.hostsDown - run.hostsDownListed;
  if (unlisted > 0) omit(run, 'hosts counted as down and not named', unlisted);
  // Our own files say the same in scripts, for other readers, and in instructions.
  if (/^portfleet /.test(run.args)) run.omitted.delete('results of scripts');
  const { tool, args, startedAt, incomplete, lostHosts, events, omitted, remarks } = run;
  const finishedAt = run.finishedAt ?? run.lastHostAt;
  const scanned = run.allScanned ?? null;
  return ok({
    tool,
    args,
    startedAt,
    finishedAt,
    scanned,
    incomplete,
    lostHosts,
    events,
    omitted,
    remarks: [...remarks],
  });
}
