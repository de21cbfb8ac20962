import type { Context } from 'hono';
import * as z from 'zod/mini';
import { errorValue } from '../../domain/errors.ts';
import { err, ok, type Result } from '../../domain/result.ts';
import type { Watch, WatchSpec } from '../../domain/watch.ts';
import {
  acknowledgeAlerts,
  addWatch,
  editWatch,
  findWatch,
  pauseWatch,
  removeWatch,
  resumeWatch,
  runWatchNow,
  sendTest,
} from '../../usecases/manage-watches.ts';
import { readHistory, viewWatch } from '../../usecases/view-watch.ts';
import { historyJson } from '../../watch/port-history.ts';
import { WATCH_MEMBERS } from '../../watch/watch-fields.ts';
import type { ApiDeps, WatchingDeps } from '../api-deps.ts';
import { readBody } from '../read-body.ts';
import { readQuery, unreadableParameter, wholeNumberField } from '../read-query.ts';
import {
  addedWatchSchema,
  watchLine,
  watchListSchema,
  watchResource,
  watchSchema,
} from '../resources/watch-resource.ts';
import type { Route } from '../route.ts';
import { readWatchBody, watchRequestSchema } from '../watch-request.ts';

const BODY_ERRORS = [
  'BODY_UNREADABLE',
  'BODY_TOO_LARGE',
  'MEDIA_TYPE_UNSUPPORTED',
  'FIELD_UNKNOWN',
  'FIELD_UNREADABLE',
] as const;

/** What may be wrong with a watch. */
const WATCH_ERRORS = [
  ...BODY_ERRORS,
  ...(['TARGET_UNREADABLE', 'TARGET_NONE', 'PORTS_UNREADABLE', 'PORT_OUT_OF_RANGE', 'PORT_RANGE_REVERSED'] as const),
  ...(['PORT_NAME_UNKNOWN', 'PORTS_NONE', 'OPTION_UNREADABLE', 'OPTIONS_CONFLICT', 'EXPECTATION_UNREADABLE'] as const),
  ...(['WATCH_NAME_TAKEN'] as const),
];

/** A route of this file: like any other, but carried out only where watches are kept. */
interface WatchRoute extends Omit<Route, 'handle'> {
  handle(context: Context, watching: WatchingDeps, deps: ApiDeps): Promise<Result<Response>>;
}

const ELSEWHERE = 'Its owner has switched them off; "portfleet serve" keeps watches on one machine, and runs them.';

const watchRoute = ({ handle, errors, ...route }: WatchRoute): Route => ({
  ...route,
  errors: ['ROUTE_UNKNOWN', ...errors],
  handle: async (context, deps) =>
    deps.watching
      ? handle(context, deps.watching, deps)
      : err(errorValue('ROUTE_UNKNOWN', 'This deployment keeps no watches.', { hint: ELSEWHERE })),
});

const watchOfPath = (context: Context, watching: WatchingDeps): Promise<Result<Watch>> =>
  findWatch(context.req.param('watch') ?? '', watching);

const shown = async (context: Context, watch: Watch, { watches }: WatchingDeps): Promise<Result<Response>> =>
  ok(context.json(watchResource(await viewWatch(watch, watches))));

async function specOf(context: Context, { place, clock }: WatchingDeps): Promise<Result<WatchSpec>> {
  const body = await readBody(context.req.raw);
  if (!body.ok) return body;
  return readWatchBody(body.value, { fields: WATCH_MEMBERS, place, zone: 'UTC', now: clock.wall() });
}

/** A client whose answer was lost asks again: within a minute, the same watch under the same name is the one it made. */
const REPEAT_WITHIN = 60_000;

async function added(spec: WatchSpec, caller: string, watching: WatchingDeps): Promise<Result<Watch>> {
  const watch = await addWatch(spec, caller, watching);
  if (watch.ok) return watch;
  const known = await findWatch(spec.name, watching);
  const isRepeat =
    known.ok &&
    known.value.owner === caller &&
    watching.clock.wall() - known.value.createdAt < REPEAT_WITHIN &&
    JSON.stringify(known.value.spec) === JSON.stringify(spec);
  return isRepeat ? known : watch;
}

const listWatches: Route = watchRoute({
  method: 'GET',
  path: '/watches',
  id: 'listWatches',
  summary: 'The watches there are, by name.',
  answers: [{ status: 200, description: 'All of them.', schema: watchListSchema }],
  errors: [],
  async handle(context, { watches }) {
    const items = [];
    for await (const watch of watches.listWatches()) items.push(watchLine(watch));
    return ok(context.json({ items }));
  },
});

const postWatch: Route = watchRoute({
  method: 'POST',
  path: '/watches',
  id: 'addWatch',
  summary: 'Adds a watch. Its first run begins at once, and learns what is so.',
  body: watchRequestSchema,
  answers: [{ status: 200, description: 'The watch, and the secret of its signatures.', schema: addedWatchSchema }],
  errors: WATCH_ERRORS,
  async handle(context, watching, deps) {
    const spec = await specOf(context, watching);
    if (!spec.ok) return spec;
    const watch = await added(spec.value, deps.submitterOf(context.env).caller, watching);
    if (!watch.ok) return watch;
    const resource = watchResource(await viewWatch(watch.value, watching.watches));
    return ok(context.json({ watch: resource, signingSecret: watch.value.secret }));
  },
});

const getWatch: Route = watchRoute({
  method: 'GET',
  path: '/watches/{watch}',
  id: 'getWatch',
  summary: 'One watch by its name or id: its runs, its open alerts, its messages.',
  answers: [{ status: 200, description: 'The watch.', schema: watchSchema }],
  errors: ['WATCH_NOT_FOUND'],
  async handle(context, watching) {
    const watch = await watchOfPath(context, watching);
    return watch.ok ? shown(context, watch.value, watching) : watch;
  },
});

const putWatch: Route = watchRoute({
  method: 'PUT',
  path: '/watches/{watch}',
  id: 'editWatch',
  summary: 'Makes another watch of it, under the same name. Ground that is new to it is learnt, not told.',
  body: watchRequestSchema,
  answers: [{ status: 200, description: 'The watch as it is now.', schema: watchSchema }],
  errors: ['WATCH_NOT_FOUND', ...WATCH_ERRORS],
  async handle(context, watching) {
    const watch = await watchOfPath(context, watching);
    if (!watch.ok) return watch;
    const spec = await specOf(context, watching);
    if (!spec.ok) return spec;
    const edited = await editWatch(watch.value, spec.value, watching);
    return edited.ok ? shown(context, edited.value, watching) : edited;
  },
});

const deleteWatch: Route = watchRoute({
  method: 'DELETE',
  path: '/watches/{watch}',
  id: 'removeWatch',
  summary: 'Removes a watch with all that it knows.',
  answers: [{ status: 204, description: 'It is gone.' }],
  errors: ['WATCH_NOT_FOUND'],
  async handle(context, watching) {
    const removed = await removeWatch(context.req.param('watch') ?? '', watching);
    return removed.ok ? ok(context.body(null, 204)) : removed;
  },
});

const CHANGES = {
  pause: { change: pauseWatch, summary: 'No further run begins.' },
  resume: { change: resumeWatch, summary: 'Runs again by its schedule.' },
  run: { change: runWatchNow, summary: 'Its next run is due now.' },
} as const;

const changeRoute = (name: keyof typeof CHANGES): Route =>
  watchRoute({
    method: 'POST',
    path: `/watches/{watch}/${name}`,
    id: `${name}Watch`,
    summary: CHANGES[name].summary,
    answers: [{ status: 200, description: 'The watch as it is now.', schema: watchSchema }],
    errors: ['WATCH_NOT_FOUND'],
    async handle(context, watching) {
      const watch = await watchOfPath(context, watching);
      if (!watch.ok) return watch;
      const changed = await CHANGES[name].change(watch.value, watching);
      return changed.ok ? shown(context, changed.value, watching) : changed;
    },
  });

const testedSchema = z
  .object({ deliveryIds: z.array(z.string()) })
  .check(z.meta({ id: 'TestedWatch', description: 'GET /watches/{watch} says what became of these.' }));

const testWatch: Route = watchRoute({
  method: 'POST',
  path: '/watches/{watch}/test',
  id: 'testWatch',
  summary: 'Sends a test to every receiver of the watch.',
  answers: [{ status: 200, description: 'The deliveries, under way.', schema: testedSchema }],
  errors: ['WATCH_NOT_FOUND'],
  async handle(context, watching) {
    const watch = await watchOfPath(context, watching);
    if (!watch.ok) return watch;
    return ok(context.json({ deliveryIds: await sendTest(watch.value, watching) }));
  },
});

const ackSchema = z
  .strictObject({ alerts: z.array(z.string()).check(z.minLength(1), z.maxLength(500)) })
  .check(z.meta({ id: 'AckRequest', description: 'Ids of alerts, hosts, or "all".' }));

const ackedSchema = z.object({ alertIds: z.array(z.string()) }).check(z.meta({ id: 'AckedAlerts' }));

const ackWatch: Route = watchRoute({
  method: 'POST',
  path: '/watches/{watch}/ack',
  id: 'ackWatch',
  summary: 'Takes what was told for right: these alerts are over.',
  body: ackSchema,
  answers: [{ status: 200, description: 'The alerts that this settled.', schema: ackedSchema }],
  errors: ['WATCH_NOT_FOUND', 'ALERT_NOT_FOUND', ...BODY_ERRORS],
  async handle(context, watching) {
    const watch = await watchOfPath(context, watching);
    if (!watch.ok) return watch;
    const body = await readBody(context.req.raw);
    if (!body.ok) return body;
    const wanted = ackSchema.safeParse(body.value);
    if (!wanted.success) {
      const hint = 'Write {"alerts": ["a1b2c3d4"]}, or "all".';
      return err(errorValue('FIELD_UNREADABLE', 'The body does not say which alerts.', { hint }));
    }
    const settled = await acknowledgeAlerts(watch.value, wanted.data.alerts, watching);
    return settled.ok ? ok(context.json({ alertIds: settled.value })) : settled;
  },
});

const HISTORY_QUERY = {
  host: {
    schema: z.string().check(z.minLength(1), z.maxLength(255)),
    takes: 'a host as a watch names it: "web.internal"',
    isRequired: true,
  },
  port: wholeNumberField('the port', 65_535),
} as const;

const historySchema = z
  .object({
    items: z.array(
      z.looseObject({
        watch: z.string(),
        host: z.string(),
        protocol: z.string(),
        port: z.int(),
        open: z.array(z.looseObject({})),
      }),
    ),
  })
  .check(z.meta({ id: 'PortHistoryList', description: 'When each port was open, as each watch saw it.' }));

const getHistory: Route = watchRoute({
  method: 'GET',
  path: '/history',
  id: 'getHistory',
  summary: 'When the ports of a host opened and closed, over all runs of all watches.',
  query: HISTORY_QUERY,
  answers: [{ status: 200, description: 'A list of ports with the times they were open.', schema: historySchema }],
  errors: ['FIELD_UNKNOWN', 'FIELD_UNREADABLE'],
  async handle(context, { watches }) {
    const query = readQuery(context.req.url, HISTORY_QUERY);
    if (!query.ok) return query;
    const { host, port } = query.value;
    if (host === undefined) return err(unreadableParameter('host', '', HISTORY_QUERY.host.takes));
    return ok(context.json({ items: historyJson(await readHistory(host, port ?? null, watches)) }));
  },
});

export const WATCH_ROUTES: readonly Route[] = [
  listWatches,
  postWatch,
  getWatch,
  putWatch,
  deleteWatch,
  changeRoute('pause'),
  changeRoute('resume'),
  changeRoute('run'),
  testWatch,
  ackWatch,
  getHistory,
];
