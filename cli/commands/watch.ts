import type { LocalNode } from '../../local/local-node.ts';
import { readWatchFields } from '../../shared/api/watch-request.ts';
import { errorValue } from '../../shared/domain/errors.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import { planWatches } from '../../shared/watch/plan-watches.ts';
import type { RawWatch, ReadWatchDeps } from '../../shared/watch/read-watch.ts';
import { WATCH_MEMBERS, WATCH_OPTIONS } from '../../shared/watch/watch-fields.ts';
import { type CliContext, EXIT, type ExitCode } from '../context.ts';
import { withLocalNode } from '../local-deployment.ts';
import { refuse } from '../output/error-text.ts';
import { timeFormatOf } from '../output/report-output.ts';
import { watchTable, watchText } from '../output/watch-text.ts';
import { endpointOf } from '../with-deployment.ts';
import { localDesk, type WatchDesk } from './watch-desk.ts';
import { readWatchFile, type WatchOptions, watchOfOptions } from './watch-request.ts';
import { deliverDue, runNow, showDeliveries } from './watch-run.ts';

/** What one action of `portfleet watch` works with. */
interface Work {
  readonly desk: WatchDesk;
  /** Null where the watches are a server's, which runs them. */
  readonly node: LocalNode | null;
  readonly reading: ReadWatchDeps;
  readonly options: WatchOptions;
  readonly ctx: CliContext;
}

type Action = (words: readonly string[], work: Work) => Promise<ExitCode>;

/** `portfleet watch <action>`. */
export async function watch(
  action: string,
  words: readonly string[],
  options: WatchOptions,
  ctx: CliContext,
): Promise<ExitCode> {
  if (!isAction(action)) {
    const hint = `Write one of ${Object.keys(ACTIONS).join(', ')}.`;
    return refuse([errorValue('OPTION_UNREADABLE', `There is no "watch ${action}".`, { hint })], ctx);
  }
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
  const reading: ReadWatchDeps = { fields: WATCH_OPTIONS, place: 'machine', zone, now: systemClock.wall() };
  const endpoint = endpointOf(options, ctx);
  if (endpoint !== undefined) {
    const { clientOf } = await import('../remote/remote-deployment.ts');
    const { remoteDesk } = await import('../remote/remote-watches.ts');
    const desk = remoteDesk(clientOf(endpoint, options, ctx), zone);
    return ACTIONS[action](words, { desk, node: null, reading: { ...reading, place: 'endpoint' }, options, ctx });
  }
  return withLocalNode(options, ctx, (node) =>
    ACTIONS[action](words, { desk: localDesk(node, reading), node, reading, options, ctx }),
  );
}

/** What is asked for belongs on standard output: the name of a watch, for a script; the rest is a note. */
async function add(words: readonly string[], { desk, options, ctx }: Work): Promise<ExitCode> {
  const given = await watchOfOptions(words, options);
  if (!given.ok) return refuse(given.errors, ctx);
  const raw: RawWatch = { targets: [], ...given.value, name: given.value.name ?? nameOf(words[0] ?? '') };
  const added = await desk.add(raw);
  if (!added.ok) return refuse(added.errors, ctx);
  const { watch, signingSecret } = added.value;
  await ctx.stdout.write(`${watch.name}\n`);
  const isSigned = (raw.notify ?? []).some((receiver) => /^(?:webhook:)?https?:/.test(receiver));
  if (isSigned) await ctx.stderr.write(`Its webhook is signed with: ${signingSecret}\n`);
  await ctx.stderr.write(
    `The first run learns what is so. "portfleet serve" runs it, or now: portfleet watch run ${watch.name}\n`,
  );
  return EXIT.done;
}

/** A watch without a name is called like its first target. */
const nameOf = (target: string): string => target.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 64);

async function list(_words: readonly string[], { desk, options, ctx }: Work): Promise<ExitCode> {
  const lines = await desk.list();
  if (options.watchFormat === 'json') await ctx.stdout.write(`${JSON.stringify({ items: lines }, null, 2)}\n`);
  else if (lines.length === 0)
    await ctx.stderr.write('There is no watch yet. Begin with: portfleet watch add 127.0.0.1 --every 6h\n');
  else await ctx.stdout.write(watchTable(lines, timeFormatOf(options)));
  return EXIT.done;
}

const show: Action = (words, { desk, options, ctx }) =>
  named(words, ctx, async (name) => {
    const shown = await desk.show(name);
    if (!shown.ok) return refuse(shown.errors, ctx);
    const json = options.watchFormat === 'json';
    await ctx.stdout.write(
      json ? `${JSON.stringify(shown.value, null, 2)}\n` : watchText(shown.value, timeFormatOf(options)),
    );
    return EXIT.done;
  });

const edit: Action = ([name = '', ...targets], { desk, options, ctx }) =>
  named([name], ctx, async () => {
    const [shown, given] = [await desk.show(name), await watchOfOptions(targets, options)];
    const before = shown.ok ? readWatchFields(shown.value.spec) : shown;
    if (!before.ok || !given.ok)
      return refuse(
        [before, given].flatMap((read) => (read.ok ? [] : read.errors)),
        ctx,
      );
    const edited = await desk.edit(name, merged(before.value, given.value));
    if (!edited.ok) return refuse(edited.errors, ctx);
    await ctx.stdout.write(watchText(edited.value, timeFormatOf(options)));
    return EXIT.done;
  });

/** What is given takes the place of what was, and of what it excludes. */
function merged(before: RawWatch, given: Partial<RawWatch>): RawWatch {
  const { every, cron, expect, expectDocument, ports, topPorts, ...others } = before;
  const schedule = given.every || given.cron ? {} : { ...(every && { every }), ...(cron && { cron }) };
  const isExpected = given.expect !== undefined || given.expectDocument !== undefined;
  const expectation = isExpected
    ? {}
    : { ...(expect !== undefined && { expect }), ...(expectDocument && { expectDocument }) };
  const asked = given.ports || given.topPorts ? {} : { ...(ports && { ports }), ...(topPorts && { topPorts }) };
  return { ...others, ...schedule, ...expectation, ...asked, ...given };
}

const change =
  (what: 'pause' | 'resume', words: string): Action =>
  (names, { desk, ctx }) =>
    named(names, ctx, async (name) => {
      const changed = await desk[what](name);
      if (!changed.ok) return refuse(changed.errors, ctx);
      await ctx.stdout.write(`${changed.value.name} ${words}\n`);
      return EXIT.done;
    });

const run: Action = async ([name], { desk, node, options, ctx }) => {
  if (name === undefined && !options.once) {
    const hint = 'Name the watch, or write --once to run all that are due.';
    return refuse([errorValue('OPTION_UNREADABLE', 'Nothing says which watch is to run.', { hint })], ctx);
  }
  if (name === undefined) return node ? runNow(null, node, options, ctx) : refuse([notHere()], ctx);
  const due = await desk.run(name);
  if (!due.ok) return refuse(due.errors, ctx);
  if (node) return runNow(due.value.watchId, node, options, ctx);
  await ctx.stdout.write(`${name} is due: the server runs it.\n`);
  return EXIT.done;
};

const notHere = () =>
  errorValue('OPTIONS_CONFLICT', '--once runs the watches of this machine, and --endpoint names a server.', {
    hint: 'The server runs what is due by itself.',
  });

const remove: Action = (words, { desk, ctx }) =>
  named(words, ctx, async (name) => {
    const removed = await desk.remove(name);
    if (!removed.ok) return refuse(removed.errors, ctx);
    await ctx.stdout.write(`${name} is removed, with all that it knew.\n`);
    return EXIT.done;
  });

const test: Action = (words, { desk, node, ctx }) =>
  named(words, ctx, async (name) => {
    const tested = await desk.test(name);
    if (!tested.ok) return refuse(tested.errors, ctx);
    if (tested.value.length === 0) {
      const hint = `Add a receiver: portfleet watch edit ${name} --notify stdout`;
      return refuse([errorValue('OPTION_UNREADABLE', `${name} has no receivers.`, { hint })], ctx);
    }
    if (node) await deliverDue(node, ctx);
    return showDeliveries(name, tested.value, desk, ctx);
  });

const ack: Action = ([name = '', ...alerts], { desk, ctx }) =>
  named([name], ctx, async () => {
    if (alerts.length === 0) {
      const hint = 'Write the ids that "watch show" has in brackets, a host, or "all".';
      return refuse([errorValue('OPTION_UNREADABLE', 'Nothing says which alert is acknowledged.', { hint })], ctx);
    }
    const settled = await desk.ack(name, alerts);
    if (!settled.ok) return refuse(settled.errors, ctx);
    for (const id of settled.value) await ctx.stdout.write(`${id}\n`);
    return EXIT.done;
  });

async function apply([file]: readonly string[], work: Work): Promise<ExitCode> {
  const { desk, options, ctx } = work;
  if (file === undefined) return refuse([errorValue('WATCH_FILE_UNREADABLE', 'No file of watches is named.')], ctx);
  const wanted = await readWatchFile(file, { ...work.reading, fields: WATCH_MEMBERS });
  if (!wanted.ok) return refuse(wanted.errors, ctx);
  const present = (await desk.list())
    .map(({ spec }) => readWatchFields(spec))
    .flatMap((read) => (read.ok ? read.value : []));
  const plan = planWatches(wanted.value, present);
  for (const { name } of plan.added) await ctx.stdout.write(`+ ${name}\n`);
  for (const { name } of plan.changed) await ctx.stdout.write(`~ ${name}\n`);
  for (const name of plan.removed) await ctx.stdout.write(`- ${name}\n`);
  await ctx.stderr.write(`${plan.unchanged} unchanged${options.dryRun ? '; nothing was done' : ''}\n`);
  if (options.dryRun) return EXIT.done;
  for (const raw of plan.added) {
    const added = await desk.add(raw);
    if (!added.ok) return refuse(added.errors, ctx);
  }
  for (const raw of plan.changed) {
    const edited = await desk.edit(raw.name ?? '', raw);
    if (!edited.ok) return refuse(edited.errors, ctx);
  }
  for (const name of plan.removed) await desk.remove(name);
  return EXIT.done;
}

function named(
  words: readonly string[],
  ctx: CliContext,
  work: (name: string) => Promise<ExitCode>,
): Promise<ExitCode> {
  const [name = ''] = words;
  return name === '' ? refuse([errorValue('WATCH_NOT_FOUND', 'No watch is named.')], ctx) : work(name);
}

const ACTIONS = {
  add,
  list,
  show,
  edit,
  pause: change('pause', 'is paused: no further run begins.'),
  resume: change('resume', 'runs again by its schedule.'),
  run,
  remove,
  test,
  ack,
  apply,
} as const satisfies Record<string, Action>;

const isAction = (word: string): word is keyof typeof ACTIONS => Object.hasOwn(ACTIONS, word);
