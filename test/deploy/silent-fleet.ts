/**
 * A fleet against a host that answers nothing, for `fleet.test.ts`: to be run in a network namespace of its own, where
 * it makes that host itself. Arguments: the folder of bundles, the number of functions, the ports, and how many of the
 * functions are killed on the way. Prints one line of JSON.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { CHUNK_VISIBILITY_SECONDS } from '../../shared/domain/limits.ts';
import { millis, scanId } from '../../shared/domain/units.ts';
import { startAwsBench } from '../helpers/lambda/aws-bench.ts';
import { type Delivered, runEventSource } from '../helpers/lambda/event-source.ts';
import type { FunctionProcess } from '../helpers/lambda/function-process.ts';

/** An address of the loopback interface; nothing comes back from it. */
const SILENT = '127.0.0.2';

/** How often the open files of the functions are counted. */
const LOOK_EVERY_MS = 100;

/** Chunks that are done before the first function dies. */
const DONE_BEFORE_DEATHS = 8;

const RULES = `table ip silent {
  chain input {
    type filter hook input priority 0
    ip daddr ${SILENT} drop
  }
}`;

const [, , bundles = '', count = '1', ports = '1-100', kills = '0'] = process.argv;

execFileSync('ip', ['link', 'set', 'lo', 'up']);
execFileSync('nft', ['-f', '-'], { input: RULES });

const bench = await startAwsBench({ bundles, scope: `${SILENT}/32`, workers: Number(count) });
try {
  const functions = await Promise.all(Array.from({ length: Number(count) }, () => bench.start('worker')));
  const start = performance.now();
  const id = await bench.submit({ targets: [SILENT], ports });
  let most = 0;
  const source = { client: bench.sqs, queueUrl: bench.urls.chunks, functions };
  const watch = setInterval(() => {
    for (const lambda of functions) most = Math.max(most, descriptorsOf(lambda.pid()));
  }, LOOK_EVERY_MS);
  const killed = killer(functions.slice(0, Number(kills)));
  const delivered = await runEventSource(source, async (soFar) => {
    // What a dead one held is visible again, and so is what everyone else is working on: all of that comes twice.
    if (killed(soFar)) bench.ministack.elapse(millis(CHUNK_VISIBILITY_SECONDS * 1_000));
    return (await bench.store.readScan(id))?.status !== 'running';
  });
  const took = Math.round(performance.now() - start);
  clearInterval(watch);
  await bench.aggregate(id);
  const scan = await bench.store.readScan(scanId(id) ?? id);
  const worked = functions.filter((lambda) => lambda.pid() !== undefined).length;
  const failures = delivered.filter(({ deleted }) => !deleted).length;
  const { status, summary, plan } = scan ?? {};
  const result = { status, summary, chunks: plan?.geometry.chunks, worked, failures, deliveries: delivered.length };
  process.stdout.write(`${JSON.stringify({ ...result, millis: took, mostDescriptors: most })}\n`);
} finally {
  await bench.stop();
}

/** Kills the functions once, when some chunks are done and the others under way; tells whenever one has died since. */
function killer(doomed: readonly FunctionProcess[]): (delivered: readonly Delivered[]) => boolean {
  const alive = [...doomed];
  let died = 0;
  return (delivered) => {
    const pids = delivered.length < DONE_BEFORE_DEATHS ? [] : alive.splice(0).map((lambda) => lambda.pid());
    for (const pid of pids) if (pid !== undefined) process.kill(pid, 'SIGKILL');
    const crashes = delivered.filter(({ how }) => how.kind === 'crashed').length;
    const isNews = crashes > died;
    died = crashes;
    return isNews;
  };
}

function descriptorsOf(pid: number | undefined): number {
  try {
    return pid === undefined ? 0 : readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}
