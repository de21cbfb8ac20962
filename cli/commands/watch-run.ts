import type { LocalNode } from '../../local/local-node.ts';
import type { MailServer } from '../../local/notify/send-mail.ts';
import { makeLocalSender } from '../../local/notify/send-message.ts';
import { localPlanDeps } from '../../local/plan-deps.ts';
import type { ScanRunner } from '../../local/serve/scan-runner.ts';
import { makeScanRunner } from '../../local/serve/scan-runner.ts';
import { makeLocalWatchScans } from '../../local/watches/local-scans.ts';
import { runWatchesOnce, type WatchLoopDeps } from '../../local/watches/watch-loop.ts';
import { millis, watchId } from '../../shared/domain/units.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import { sleep } from '../../shared/seams/sleep.ts';
import { deliverMessages } from '../../shared/usecases/deliver-messages.ts';
import { receiverWords } from '../../shared/watch/receiver.ts';
import { type CliContext, EXIT, type ExitCode, stderrLog } from '../context.ts';
import { parseWorkers } from '../local-deployment.ts';
import { refuse } from '../output/error-text.ts';
import { onInterrupt } from '../signals.ts';
import type { WatchDesk } from './watch-desk.ts';
import type { WatchOptions } from './watch-request.ts';

/** Null where the environment names no mail server. */
function mailServer({ env }: CliContext): MailServer | null {
  const [url, from] = [env['PORTFLEET_SMTP'], env['PORTFLEET_MAIL_FROM']];
  return url && from ? { url, from } : null;
}

/** What watches on this machine are run and told with. */
export function watchLoopDeps(
  node: LocalNode,
  workers: number,
  runner: Pick<ScanRunner, 'enqueue'>,
  ctx: CliContext,
): WatchLoopDeps {
  const planning = localPlanDeps(workers);
  return {
    watches: node.watches,
    scans: makeLocalWatchScans({ node, planning, clock: systemClock, carryOut: (id) => runner.enqueue(id) }),
    clock: systemClock,
    newId: planning.newId,
    log: stderrLog(ctx),
    send: makeLocalSender({
      watches: node.watches,
      clock: systemClock,
      mail: mailServer(ctx),
      print: (text) => ctx.stdout.write(text),
    }),
  };
}

/** Watches looked at in one call of `watch run --once`. */
const MOST_DUE = 10_000;

/** Runs one watch, or all that are due where `text` is null, to the end; what is to be told is told. */
export async function runNow(
  text: string | null,
  node: LocalNode,
  options: WatchOptions,
  ctx: CliContext,
): Promise<ExitCode> {
  const workers = parseWorkers(options.workers);
  if (!workers.ok) return refuse(workers.errors, ctx);
  const log = stderrLog(ctx);
  const interrupt = onInterrupt();
  const runner = makeScanRunner({
    node,
    clock: systemClock,
    log,
    workers: workers.value,
    workerModule: ctx.workerModule,
  });
  const deps = watchLoopDeps(node, workers.value, runner, ctx);
  const id = text === null ? undefined : watchId(text);
  const due = id ? [id] : await node.watches.dueWatches(systemClock.wall(), MOST_DUE);
  try {
    const after = await runWatchesOnce(due, deps, interrupt.signal);
    for (const {
      spec,
      runs: [last],
    } of after) {
      const what = last?.failure ?? (last?.changes === 0 ? 'nothing changed' : `changes: ${last?.changes ?? 0}`);
      await ctx.stderr.write(`${spec.name}: run ${last?.number ?? 0}, ${what}\n`);
    }
    if (interrupt.signal.aborted) return EXIT.interrupted;
    return after.some(({ runs: [last] }) => last?.failure) ? EXIT.failed : EXIT.done;
  } finally {
    await runner.stop();
    interrupt.forget();
  }
}

/** Tries every delivery that is due. */
export async function deliverDue(node: LocalNode, ctx: CliContext): Promise<void> {
  const deps = watchLoopDeps(node, 1, { enqueue: () => {} }, ctx);
  while ((await deliverMessages(deps)) > 0);
}

/** A server looks once a second, and waits for a webhook for ten; after that, what was tried is shown. */
const LOOKS = 15;
const LOOK_EVERY = millis(1_000);

/** Says what each receiver answered, when each has been tried. */
export async function showDeliveries(
  name: string,
  ids: readonly string[],
  desk: WatchDesk,
  ctx: CliContext,
): Promise<ExitCode> {
  for (let look = 1; ; look++) {
    const shown = await desk.show(name);
    if (!shown.ok) return refuse(shown.errors, ctx);
    const tested = shown.value.deliveries.filter(({ deliveryId }) => ids.includes(deliveryId));
    if (tested.some(({ tries }) => tries === 0) && look < LOOKS) {
      await sleep(systemClock, LOOK_EVERY);
      continue;
    }
    for (const { receiver, state, answer } of tested) {
      await ctx.stdout.write(`${receiverWords(receiver)}: ${state}${answer === null ? '' : `: ${answer}`}\n`);
    }
    return tested.every(({ state }) => state === 'delivered') ? EXIT.done : EXIT.failed;
  }
}
