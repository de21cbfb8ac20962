import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { XMLValidator } from 'fast-xml-parser';
import { readChunkMessage, readChunkRange } from '../../lambdas/aws/queue-messages.ts';
import { readBody } from '../../shared/api/read-body.ts';
import { readScanRequest } from '../../shared/api/scan-request.ts';
import { bytesOfLatin1, latin1 } from '../../shared/domain/bytes.ts';
import { MOST_ERRORS } from '../../shared/domain/error-list.ts';
import { ERRORS, type ErrorValue } from '../../shared/domain/errors.ts';
import { countPorts, formatPorts } from '../../shared/domain/port-set.ts';
import type { Result } from '../../shared/domain/result.ts';
import { type PortNumber, type ScanId, scanId } from '../../shared/domain/units.ts';
import { matchAnswer, matchDatagram } from '../../shared/identify/protocols/all.ts';
import { parseExpect, parseExpectFile } from '../../shared/report/expectations/parse-expect.ts';
import { FORMATS, type FormatName, formatReport } from '../../shared/report/formats/format.ts';
import { readScanFile } from '../../shared/report/import/read-scan-file.ts';
import { parsePorts } from '../../shared/request/parse-ports.ts';
import { parseTarget } from '../../shared/request/parse-target.ts';
import { finding, host, OPTIONS, report, run, tcp, whole } from '../helpers/sample-report.ts';
import type { Material } from './mutate.ts';

/** Something that reads what a stranger writes. `check` throws where a case shows a mistake. */
export interface FuzzTarget extends Material {
  readonly name: string;
  readonly check: (text: string) => void | Promise<void>;
}

/** A refusal tells at most a hundred errors, each bounded, with a code that is in the table. */
function bounded(errors: readonly ErrorValue[]): void {
  if (errors.length === 0) throw new Error('refused without an error');
  if (errors.length > MOST_ERRORS + 1) throw new Error(`${errors.length} errors`);
  for (const { code, detail, hint } of errors) {
    if (!Object.hasOwn(ERRORS, code)) throw new Error(`${code} is not in the table`);
    if (detail.length + hint.length > 2_000) throw new Error(`an error of ${detail.length + hint.length} characters`);
  }
}

/** What was read when there was nothing wrong with it. */
function valueOrBounded<Value>(result: Result<Value>): Value | undefined {
  if (result.ok) return result.value;
  bounded(result.errors);
  return undefined;
}

function equal(left: unknown, right: unknown, what: string): void {
  if (JSON.stringify(left) !== JSON.stringify(right))
    throw new Error(`${what}: ${JSON.stringify(left)} and ${JSON.stringify(right)}`);
}

const FOLDER = fileURLToPath(new URL('../fixtures', import.meta.url));
const fixtures = (folder: string, ends: RegExp): string[] =>
  readdirSync(join(FOLDER, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => ends.test(file))
    .map((file) => readFileSync(join(FOLDER, folder, file), 'utf8'));

const PORT_WORDS = [
  '-',
  ',',
  'T:',
  'U:',
  '*',
  '?',
  '[',
  ']',
  '[1-',
  ' ',
  'http',
  'http*',
  '443',
  '65535',
  '65536',
  '0',
  '00022',
  '1-',
  '-1',
  '!',
  'S:',
];
const TARGET_WORDS = [
  '.',
  '-',
  '/',
  ':',
  '::',
  '*',
  ',',
  '[',
  ']',
  '%eth0',
  '0x',
  '0',
  '255',
  '256',
  '/0',
  '/32',
  '/33',
  '/128',
  'fe80',
  'localhost',
  'xn--',
  'http://',
  ' ',
  '@',
];

async function* inPieces(text: string): AsyncGenerator<string> {
  for (let from = 0; from < text.length; from += 97) yield text.slice(from, from + 97);
}

const ID = '01M81YZJTCJQKEBMPHHDH2HTCT' as ScanId;

/** Reads a file of a scanner to its end, hosts and chunks, where it can be laid out. */
async function importText(text: string): Promise<void> {
  const imported = valueOrBounded(await readScanFile({ name: 'case', open: () => inPieces(text) }, ID));
  if (!imported) return;
  const { geometry } = imported.scan.plan;
  let [hosts, chunks] = [0, 0];
  for await (const _ of imported.hosts()) hosts += 1;
  for await (const _ of imported.chunks()) chunks += 1;
  equal([hosts, chunks], [geometry.addressCount, geometry.chunks], 'hosts and chunks that were read and laid out');
}

/** A stranger's words in every place of a report that shows them. */
function reportWith(text: string) {
  const service = { name: 'http', method: 'probed', product: text, version: text } as const;
  const found = finding('192.0.2.1', 80, { banner: text, service });
  const hosts = [host('192.0.2.1', { names: [text], findings: [found], runs: [run(80, 80, 'open/syn-ack')] })];
  return report(hosts, tcp([80, 80]));
}

const UNSEEN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

async function writeEverywhere(text: string): Promise<void> {
  for (const name of Object.keys(FORMATS) as FormatName[]) {
    const shown = await whole(formatReport(name, reportWith(text), OPTIONS));
    const unseen = UNSEEN.exec(shown.replaceAll('\r\n', '\n'));
    if (unseen) throw new Error(`${name} lets U+${unseen[0].charCodeAt(0).toString(16)} through`);
    if (name === 'json') JSON.parse(shown);
    if (name === 'jsonl') for (const line of shown.trim().split('\n')) JSON.parse(line);
    if (name === 'xml' && XMLValidator.validate(shown) !== true) throw new Error('the XML is not well-formed');
  }
}

/** The set that was read, written and read again, is the same. */
function checkPorts(text: string): void {
  const ports = valueOrBounded(parsePorts(text, '--ports'));
  if (!ports || countPorts(ports) === 0) return;
  const again = parsePorts(formatPorts(ports), '--ports');
  equal(again.ok && again.value, ports, `"${formatPorts(ports)}"`);
}

function checkTarget(text: string): void {
  valueOrBounded(parseTarget(text, 'target'));
}

function checkRequest(text: string): void {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return;
  }
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) valueOrBounded(readScanRequest({ ...body }));
}

async function checkBody(text: string): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  valueOrBounded(await readBody(new Request('http://127.0.0.1/scans', { method: 'POST', headers, body: text })));
}

async function checkExpectations(text: string): Promise<void> {
  valueOrBounded(parseExpect(text, '--expect'));
  valueOrBounded(await parseExpectFile(text, 'expected-ports.yaml'));
}

function checkMessages(text: string): void {
  const message = readChunkMessage(text);
  if (
    message &&
    !(scanId(message.scanId) === message.scanId && Number.isSafeInteger(message.chunk) && message.chunk >= 0)
  ) {
    throw new Error(JSON.stringify(message));
  }
  const range = readChunkRange(text);
  if (range && !(range.first >= 0 && range.count >= 0)) throw new Error(JSON.stringify(range));
}

/** What is an id in one writing is the same id in any, and an id again. */
function checkIds(text: string): void {
  const id = scanId(text);
  if (id !== undefined) equal([scanId(id), scanId(id.toLowerCase())], [id, id], 'one id');
}

function checkMatchers(text: string): void {
  const bytes = bytesOfLatin1(text.replace(/[^\0-\xff]/g, '?'));
  const heard = { bytes, text: latin1(bytes), sent: '', at: 0, tls: null };
  for (const port of [22, 80, 443, 3_306]) matchAnswer({ ...heard, asked: null }, port as PortNumber);
  for (const asked of ['http', 'redis', 'dns']) matchAnswer({ ...heard, asked }, 40_404 as PortNumber);
  matchDatagram(bytes, 161 as PortNumber);
}

const answers = (): string[] =>
  readdirSync(join(FOLDER, 'answers')).flatMap((file) => {
    const text = readFileSync(join(FOLDER, 'answers', file), 'utf8');
    return [...text.matchAll(/text:\s*(["'`])((?:\\.|(?!\1)[^\\])*)\1/gs)].map(([, , said = '']) => unescaped(said));
  });

const unescaped = (text: string): string =>
  text.replace(/\\x([0-9a-f]{2})|\\([nrt0])/gi, (_, hex: string, letter: string) =>
    hex ? String.fromCharCode(Number.parseInt(hex, 16)) : ({ n: '\n', r: '\r', t: '\t', 0: '\0' }[letter] ?? letter),
  );

const REQUESTS = [
  '{"targets":["10.0.0.0/24","localhost"],"ports":"22,80,8000-9000","exclude":["10.0.0.7"],"timing":"T4"}',
  '{"targets":["::1"],"topPorts":100,"rate":3000,"timeout":"500ms","retries":2,"detect":"services","family":6}',
  '{"targets":["10.0-255.0-255.1-254"],"protocols":["tcp","udp"],"discovery":"before","sockets":200}',
];
const JSON_WORDS = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  'null',
  'true',
  '1e999',
  '-0',
  '"targets"',
  '"ports"',
  '"__proto__"',
  '[[[[',
  '\\u0000',
  '"a"',
];
const YAML = [
  'ports: 22\ntargets:\n  www.example.com: "80,443"\n  10.20.0.0/24: [22, "8000-8010", "U:53"]\n  10.20.0.7:\n',
  '{"ports":"22","targets":{"10.0.0.1":[22]}}',
  '22,443',
];
const YAML_WORDS = [
  ': ',
  '\n',
  '  ',
  '- ',
  '&a ',
  '*a',
  '<<: ',
  '!!js ',
  '---\n',
  '|',
  '>',
  '"',
  "'",
  '{',
  '[',
  '#',
  '? ',
  '!!binary ',
  'ports',
  'targets',
  '0o22',
  '1_000',
];
const XML_WORDS = [
  '<',
  '>',
  '</',
  '/>',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<?',
  '?>',
  '<!DOCTYPE',
  '<!ENTITY',
  '&amp;',
  '&#0;',
  '&#x10ffff;',
  '&x;',
  '"',
  "'",
  '<port ',
  '<host>',
  '</nmaprun>',
  'portid="65536"',
  'addr=""',
  'addrtype="ipv6"',
];

export const TARGETS: readonly FuzzTarget[] = [
  {
    name: 'ports',
    seeds: ['22,80,8000-9000', 'T:1-1024,U:53,http*', '[1-100],-', '*'],
    words: PORT_WORDS,
    check: checkPorts,
  },
  {
    name: 'target',
    seeds: [
      '10.0.0.0/24',
      '10.0.0-255.1,3-9',
      '::1',
      'fe80::1%eth0',
      '2001:db8::/126',
      'db.internal',
      '10.0.0.1-20',
      '[::1]',
    ],
    words: TARGET_WORDS,
    check: checkTarget,
  },
  { name: 'request', seeds: REQUESTS, words: [...JSON_WORDS, ...TARGET_WORDS, ...PORT_WORDS], check: checkRequest },
  { name: 'body', seeds: REQUESTS, words: JSON_WORDS, check: checkBody },
  { name: 'expectations', seeds: YAML, words: [...YAML_WORDS, ...PORT_WORDS], check: checkExpectations },
  {
    name: 'messages',
    seeds: [`{"scanId":"${ID}","chunk":12}`, `{"scanId":"${ID}","first":0,"count":100,"generation":1}`],
    words: JSON_WORDS,
    check: checkMessages,
  },
  {
    name: 'ids',
    seeds: [ID, ID.toLowerCase()],
    words: ['0', '7', '8', 'I', 'L', 'O', 'U', 'ı', 'K', ' ', '\n'],
    check: checkIds,
  },
  {
    name: 'banners',
    seeds: ['SSH-2.0-OpenSSH_9.2p1', 'nginx/1.22', 'é', ']]>', '<script>'],
    words: [...XML_WORDS, '\u001b]0;', '\u009b2J', '\u202e', '|', '`', '=1+1'],
    check: writeEverywhere,
  },
  {
    name: 'matchers',
    seeds: answers(),
    words: ['\0', '\xff', '\r\n', 'HTTP/1.1 ', 'SSH-', '\x16\x03', '220 ', '+OK', '\x80'],
    check: checkMatchers,
  },
  { name: 'xml', seeds: fixtures('import', /\.xml$/), words: XML_WORDS, check: importText },
  {
    name: 'lists',
    seeds: [
      '#masscan\nopen tcp 80 10.0.0.1 1795348800\n',
      '[{"ip":"10.0.0.1","ports":[{"port":80,"proto":"tcp","status":"open"}]}]',
      '{"ip":"10.0.0.1","port":80}\n',
    ],
    words: [...JSON_WORDS, 'open ', 'tcp ', '\n'],
    check: importText,
  },
];
