// Reports of very many findings: whole, in every format, and in no more memory than small ones. Findings are written into
// DynamoDB Local as workers write them, summed up by the bundle of the aggregator, and fetched from the bundle of the
// function for reports, from it with curl --aws-sigv4 behind a check of signatures, and with the command.
// Run: node --import ./bench/load-typescript.mjs test/deploy/large-report.ts [--write-docs] [--diff] [findings …]
// --diff fetches the difference of two such scans alone.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildLambdas } from '../../scripts/build-lambdas.mjs';
import { addressIndex } from '../../shared/domain/addresses/address-set.ts';
import { probeAt } from '../../shared/domain/chunk.ts';
import { NO_PROBES, runsOf } from '../../shared/domain/coverage.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import { chunkNumber, type ScanId, seed } from '../../shared/domain/units.ts';
import { verdictCode } from '../../shared/domain/verdict.ts';
import { buildChunk } from '../../shared/plan/split-chunks.ts';
import type { FormatName } from '../../shared/report/formats/format.ts';
import { completeChunk } from '../../shared/usecases/complete-chunk.ts';
import { planWanted } from '../../sim/scans.ts';
import { writeParts } from '../../sim/write-parts.ts';
import { type AwsBench, startAwsBench } from '../helpers/lambda/aws-bench.ts';
import type { FunctionProcess } from '../helpers/lambda/function-process.ts';
import { freshScanId, sampleFinding } from '../helpers/sample-scan.ts';
import { verifySignature } from '../helpers/verify-signature.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const STREAMING = fileURLToPath(new URL('../helpers/lambda/streaming.mjs', import.meta.url));

/** Of the hundred ports of a host so many are open. */
const OPEN = 16;
const HOSTS_OF_A_NETWORK = 250;

/** What stands in a report once for each open port. */
const EACH: Readonly<Record<FormatName, RegExp>> = {
  text: /\/tcp +open/g,
  list: /^10\.[\d.]+:\d+$/gm,
  json: /"state":"open"/g,
  jsonl: /"state":"open"/g,
  csv: /,open,/g,
  xml: /state="open"/g,
  greppable: /\/open\/tcp\//g,
  markdown: /\| open \|/g,
  junit: /name="\d+\/tcp"/g,
  sarif: /"ruleId": ?"open-port"/g,
  html: /<td>open</g,
};

/** And in a diff once for each port that opened. */
const OPENED = /"kind":"newly-open"/g;

const KEY = 'AKIDEXAMPLE';
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const REGION = 'eu-central-1';

/** Plans a scan of addresses that are never probed, and writes what its workers would have written, and the aggregator. */
async function writeScan(bench: AwsBench, findings: number, open: number): Promise<Scan> {
  const networks = findings / OPEN / HOSTS_OF_A_NETWORK;
  const targets = [`10.0.0-${networks - 1}.1-${HOSTS_OF_A_NETWORK}`];
  const wanted = { name: 'large', request: { targets, ports: '1-100' }, openPerHost: OPEN };
  const scan = { ...(await planWanted(wanted, 64, seed(7))).scan, id: freshScanId() };
  await bench.store.createScan(scan);
  await bench.store.changeStatus(scan.id, 'planned', 'running', scan.submittedAt);
  for (let number = 0; number < scan.plan.geometry.chunks; number++) await writeChunk(bench, scan, number, open);
  await bench.aggregate(scan.id);
  const status = (await bench.store.readScan(scan.id))?.status;
  if (status !== 'complete') throw new Error(`the scan of ${findings} findings is ${status}`);
  return scan;
}

async function writeChunk({ store }: AwsBench, scan: Scan, number: number, openPorts: number): Promise<void> {
  const chunk = buildChunk(scan.plan, chunkNumber(number), addressIndex(scan.plan.addresses).at);
  const [open, closed] = [verdictCode('open/syn-ack'), verdictCode('closed/conn-refused')];
  const codes = new Uint8Array(chunk.size).fill(closed);
  const findings = [];
  for (let offset = 0; offset < chunk.size; offset++) {
    const probe = probeAt(chunk, offset);
    if (!probe || probe.port > openPorts) continue;
    codes[offset] = open;
    findings.push(sampleFinding(probe.port, { address: probe.address }));
  }
  await store.putFindings(scan.id, chunk.number, findings);
  await store.putCoverage(scan.id, { chunk: chunk.number, runs: runsOf(codes), tally: NO_PROBES });
  await completeChunk({ store, clock: { wall: () => scan.submittedAt } }, scan, chunk.number, 'settled');
}

/** The most memory that the process has had, in MB. */
function memoryOf(pid: number | undefined): number {
  const [, kilobytes = '0'] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1_024);
}

interface Fetched {
  readonly findings: number;
  readonly megabytes: number;
}

/** Counts in a stream what stands there once for each finding; a piece is looked at when its last line is whole. */
async function count(stream: Readable, each: RegExp): Promise<Fetched> {
  let [found, bytes, rest] = [0, 0, ''];
  const look = (text: string): void => {
    found += text.match(each)?.length ?? 0;
  };
  for await (const piece of stream.setEncoding('utf8')) {
    bytes += Buffer.byteLength(piece);
    // A report of one line is cut where a finding ends.
    const text = rest + piece;
    const end = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('}')) + 1;
    look(text.slice(0, end));
    rest = text.slice(end);
  }
  look(rest);
  return { findings: found, megabytes: bytes / 1e6 };
}

/** The function for reports, as it was built, in a process of its own. */
async function startReports(bundles: string, environment: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ['--no-warnings', STREAMING, join(bundles, 'reports/index.mjs')], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  child.stdout.resume();
  return { child, port: Number(line) };
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** A request as API Gateway writes it into its event. */
async function invokeApi(api: FunctionProcess, { url = '', method = 'GET', headers }: IncomingMessage) {
  const [rawPath = '', rawQueryString = ''] = url.split('?');
  const http = { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' };
  const authorizer = { iam: { userArn: 'arn:aws:iam::111122223333:user/alice' } };
  const requestContext = { http, domainName: headers.host, authorizer };
  const answer = await api.invoke({ version: '2.0', rawPath, rawQueryString, headers, requestContext });
  if (answer.kind !== 'response') throw new Error(`the API answered ${JSON.stringify(answer)}`);
  return answer.value as { statusCode: number; headers: Record<string, string>; body: string };
}

/** What lets in only what is signed: reports of the one function, all else of the other, one request at a time. */
async function startGateway(api: FunctionProcess, reports: number) {
  let last: Promise<unknown> = Promise.resolve();
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, `${value}`]));
    const received = { method: incoming.method ?? '', target: incoming.url ?? '', headers, body: '' };
    if (!verifySignature(received, SECRET)?.isValid) return void outgoing.writeHead(403).end();
    if (/\/report(\?|$)/.test(received.target)) {
      const asked = { port: reports, path: received.target, headers: incoming.headers };
      return void request(asked, (streamed) => {
        streamed.pipe(outgoing.writeHead(streamed.statusCode ?? 502, streamed.headers));
      }).end();
    }
    const invoking = last.then(() => invokeApi(api, incoming));
    last = invoking.catch(() => {});
    const { statusCode, headers: told, body } = await invoking;
    outgoing.writeHead(statusCode, told).end(body);
  };
  const server = createServer((incoming, outgoing) => void answer(incoming, outgoing)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** A program's output, counted, and the most memory it had, which it says itself where it is Node's. */
async function run(program: string, args: readonly string[], each: RegExp, env: Readonly<Record<string, string>> = {}) {
  const child = spawn(program, args, {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  const memory = (child.stdio[3] as Readable).setEncoding('utf8').toArray();
  const fetched = await count(child.stdout as Readable, each);
  return { ...fetched, memory: Math.round(Number((await memory).join('')) / 1_024) };
}

/** Written to a fourth descriptor when the command ends. */
const TELL_MEMORY =
  "data:text/javascript,import{writeSync}from'fs';process.on('exit',()=>writeSync(3,String(process.resourceUsage().maxRSS)))";

interface Row extends Fetched {
  readonly how: string;
  readonly memory: number;
}

/** What the function for reports answers, in a process that has answered nothing else. */
async function fetchOne(bench: AwsBench, bundles: string, path: string, how: string, each: RegExp): Promise<Row> {
  const { child, port } = await startReports(bundles, bench.environment);
  const asking = request({ port, path: `/scans/${path}` }).end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  const row = { how, ...(await count(answer, each)), memory: memoryOf(child.pid) };
  await stop(child);
  return row;
}

async function fetchAll(bench: AwsBench, bundles: string, id: ScanId): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [format, each] of Object.entries(EACH))
    rows.push(await fetchOne(bench, bundles, `${id}/report?format=${format}`, format, each));
  const { child, port } = await startReports(bundles, bench.environment);
  const api = await bench.start('api');
  const { server, url } = await startGateway(api, port);
  const curl = ['--silent', '--show-error', '--fail', '--compressed', '--aws-sigv4', `aws:amz:${REGION}:lambda`];
  const signed = ['--user', `${KEY}:${SECRET}`, `${url}/scans/${id}/report?format=csv`];
  const { memory: _, ...fetched } = await run('curl', [...curl, ...signed], EACH.csv);
  rows.push({ how: 'csv, with curl', ...fetched, memory: memoryOf(child.pid) });
  const home = mkdtempSync(join(tmpdir(), 'portfleet-home-'));
  const keys = { AWS_ACCESS_KEY_ID: KEY, AWS_SECRET_ACCESS_KEY: SECRET, AWS_REGION: REGION };
  const env = { ...keys, HOME: home, AWS_EC2_METADATA_DISABLED: 'true', PORTFLEET_ENDPOINT: url };
  const words = [join(ROOT, 'dist/portfleet.mjs'), 'show', id, '--format'];
  for (const format of ['csv', 'json'] as const) {
    const shown = await run(process.execPath, ['--import', TELL_MEMORY, ...words, format], EACH[format], env);
    rows.push({ how: `${format}, with the command`, ...shown });
  }
  rmSync(home, { recursive: true });
  server.close();
  server.closeAllConnections();
  await stop(child);
  return rows;
}

/** A table of its own for each size. In a later scan each host has twice as many ports open: so many changes has the diff. */
async function measure(bundles: string, findings: number): Promise<Row[]> {
  const bench = await startAwsBench({ bundles, scope: '10.0.0.0/8', workers: 64 });
  try {
    const { id } = await writeScan(bench, findings, OPEN);
    const later = await writeScan(bench, findings, 2 * OPEN);
    const rows = values.diff ? [] : await fetchAll(bench, bundles, id);
    const path = `${later.id}/diff?from=${id}&format=json`;
    return [...rows, await fetchOne(bench, bundles, path, '/diff, of as many', OPENED)];
  } finally {
    await bench.stop();
  }
}

const { values, positionals } = parseArgs({
  options: { 'write-docs': { type: 'boolean', default: false }, diff: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const sizes = positionals.length > 0 ? positionals.map(Number) : [100_000, 1_000_000];
const bundles = mkdtempSync(join(tmpdir(), 'portfleet-large-'));
try {
  await buildLambdas(bundles);
  const columns: Row[][] = [];
  for (const size of sizes) columns.push(await measure(bundles, size));
  const headings = ['report', ...sizes.flatMap((size) => [`of ${size.toLocaleString('en')}`, 'MB', 'memory'])];
  const body = (columns[0] ?? []).map(({ how }, at) => [
    how,
    ...columns.flatMap((rows) => {
      const row = rows[at];
      return row ? [row.findings.toLocaleString('en'), row.megabytes.toFixed(1), `${row.memory} MB`] : [];
    }),
  ]);
  const rule = headings.map((_, at) => (at === 0 ? '---' : '---:'));
  const table = [headings, rule, ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  process.stdout.write(`${table}\n`);
  if (values['write-docs']) writeParts('api.md', { 'large-report': table });
} finally {
  rmSync(bundles, { recursive: true, force: true });
}
