/**
 * A deployment inside of a VPC beside one outside, for `private-names.test.ts`: to be run in a network namespace of its
 * own, as root. Each has a name server of its own, which only its workers ask. Argument: the folder of bundles. Prints
 * one line of JSON.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chunkNumber } from '../../shared/domain/units.ts';
import { type AwsBench, startAwsBench } from '../helpers/lambda/aws-bench.ts';
import { runEventSource } from '../helpers/lambda/event-source.ts';
import type { FunctionProcess, FunctionSpec } from '../helpers/lambda/function-process.ts';
import { startInvokeEndpoint } from '../helpers/lambda/invoke-endpoint.ts';
import { startNameServer, type Zone } from '../helpers/name-server.ts';

const [, , bundles = ''] = process.argv;
const [NAME, PORT] = ['db.internal.test', 5432];
const [PRIVATE, PUBLIC] = ['127.0.1.7', '127.0.2.7'];
const HOSTS = Array.from({ length: 20 }, (_, nth) => `host-${nth}.internal.test`);
const SILENT = 'silent.internal.test';

const zoneInside: Zone = {
  [NAME]: [PRIVATE],
  ...Object.fromEntries(HOSTS.map((name, nth) => [name, [`127.0.3.${nth + 1}`]])),
  [SILENT]: null,
};

execFileSync('ip', ['link', 'set', 'lo', 'up']);
const folder = mkdtempSync(join(tmpdir(), 'portfleet-names-'));
const nameServers = [
  await startNameServer('127.0.0.53', { [NAME]: [PUBLIC] }),
  await startNameServer('127.0.0.54', zoneInside),
];
const usingNameServer = (address: string): Partial<FunctionSpec> => {
  const resolvConf = join(folder, address);
  writeFileSync(resolvConf, `nameserver ${address}\n`);
  return { resolvConf };
};
const [outside, inside] = [usingNameServer('127.0.0.53'), usingNameServer('127.0.0.54')];
const database = createServer((socket) => socket.destroy()).listen(PORT, PRIVATE);

/** What that worker finds of the name, submitted by that API; the scope is the name alone, so the worker resolves it again. */
async function scan(bench: AwsBench, api: FunctionProcess, spec: Partial<FunctionSpec>) {
  const id = await bench.submit({ targets: [NAME], ports: `${PORT}` }, api);
  const worker = await bench.start('worker', spec);
  const source = { client: bench.sqs, queueUrl: bench.urls.chunks, functions: [worker] };
  await runEventSource(source, async () => (await bench.store.readScan(id))?.status !== 'running');
  await bench.aggregate(id);
  const settled = (await bench.store.readScan(id))?.summary?.settled;
  const open = (await bench.store.readFindings(id, chunkNumber(0))).map(({ address, port }) => `${address}:${port}`);
  return { settled, open };
}

const refusalOf = (submitted: Promise<unknown>): Promise<string> =>
  submitted.then(
    () => '',
    (error: Error) => error.message.split('\n')[0] ?? '',
  );

const bench = await startAwsBench({ bundles, scope: '*.internal.test', workers: 1 });
const lambda = await startInvokeEndpoint(() => bench.start('worker', inside));
try {
  const environment = { PORTFLEET_RESOLVER: 'the-worker', AWS_ENDPOINT_URL_LAMBDA: lambda.url };
  const insideApi = await bench.start('api', { ...outside, environment });
  const outsideApi = await bench.start('api', outside);
  const unknown = await refusalOf(bench.submit({ targets: ['nowhere.internal.test'], ports: '1' }, insideApi));
  const found = { inside: await scan(bench, insideApi, inside), outside: await scan(bench, outsideApi, outside) };
  const began = performance.now();
  const late = await refusalOf(bench.submit({ targets: [...HOSTS, SILENT], ports: '1' }, insideApi));
  const lateAfter = Math.round(performance.now() - began);
  const unreachable = { ...environment, AWS_ENDPOINT_URL_LAMBDA: 'http://127.0.0.1:1' };
  const cutOff = await bench.start('api', { ...outside, environment: unreachable });
  const noWorker = await refusalOf(bench.submit({ targets: [NAME], ports: '1' }, cutOff));
  const invoked = [...new Set(lambda.invoked)];
  process.stdout.write(`${JSON.stringify({ ...found, unknown, late, lateAfter, noWorker, invoked })}\n`);
} finally {
  lambda.stop();
  await bench.stop();
  for (const server of [...nameServers, database]) server.close();
  rmSync(folder, { recursive: true, force: true });
}
