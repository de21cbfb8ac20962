import { randomUUID } from 'node:crypto';
import { dataDir } from '../../local/data-dir.ts';
import { readToken } from '../../local/serve/token-file.ts';
import { acceptedSchema } from '../../shared/api/resources/accepted-resource.ts';
import { portListSchema } from '../../shared/api/resources/port-resource.ts';
import { scanListSchema } from '../../shared/api/resources/scan-line.ts';
import { type ScanResource, scanOf, scanSchema } from '../../shared/api/resources/scan-resource.ts';
import type { ErrorValue, Place } from '../../shared/domain/errors.ts';
import { orThrow } from '../../shared/domain/or-throw.ts';
import type { Report } from '../../shared/domain/report.ts';
import { err, ok, type Result } from '../../shared/domain/result.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import { millis } from '../../shared/domain/units.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import { summaryOfRecord } from '../../shared/records/stored-summary.ts';
import type { RawRequest } from '../../shared/request/parse-request.ts';
import { COMMAND_LINE_FIELDS, type FieldNames, JSON_FIELDS } from '../../shared/request/request-fields.ts';
import { findByPrefix } from '../../shared/usecases/find-scan.ts';
import type { CliContext } from '../context.ts';
import type { Deployment, PlannedScan } from '../deployment.ts';
import type { StoredOptions } from '../options/command-table.ts';
import { type ApiClient, makeApiClient, noAnswerSchema } from './api-client.ts';
import { countHosts } from './count-hosts.ts';
import { type Endpoint, readEndpoint } from './endpoint-url.ts';
import { followRemote } from './follow-remote.ts';
import { listLatest, remoteHeads, remoteRow } from './list-remote.ts';
import { type ReadPage, remoteHosts } from './remote-hosts.ts';
import type { Authorise } from './sign-request.ts';

/**
 * The fleet behind an endpoint. Nothing is asked until a command needs it.
 *
 * @throws PortfleetError ENDPOINT_UNREADABLE
 */
export function remoteDeployment(url: string, options: StoredOptions, ctx: CliContext): Deployment {
  const endpoint = readEndpoint(url);
  const authorise = authorisation(endpoint, options, ctx);
  const client = makeApiClient({ endpoint, authorise, clock: systemClock, version: ctx.version });
  return {
    plan: ({ raw }) => plan(raw, client, endpoint),
    submit: ({ raw }, { label }) => submit(raw, label, client),
    follow: (scan, how) =>
      followRemote(
        scan,
        {
          readScan: () => readScan(client, scan.id),
          readOpen: portPages(scan, client, 'open'),
          clock: systemClock,
        },
        how,
      ),
    scanHeads: () => remoteHeads(client),
    readRow: (head) => remoteRow(client, head),
    findScan: (prefix) => findScan(prefix, client),
    latestScans: (target, most) => listLatest(client, target, most),
    readReport: (scan) => readReport(scan, client),
    async cancel({ id }) {
      const cancelled = await client.ask(scanSchema, { method: 'POST', path: `/scans/${id}/cancel` });
      return cancelled.ok ? ok(undefined) : cancelled;
    },
    async delete(id) {
      const deleted = await client.ask(noAnswerSchema, { method: 'DELETE', path: `/scans/${id}` });
      return deleted.ok ? ok(undefined) : deleted;
    },
    compact: () => {},
    takeUp: (scan) => takeUp(scan, client),
    partingWords: (id) =>
      `The scan goes on without you. See it with: portfleet show ${id}\nStop it with: portfleet cancel ${id}`,
    close: async () => {},
  };
}

/** A client of whatever is behind the endpoint. */
export function clientOf(url: string, options: StoredOptions, ctx: CliContext): ApiClient {
  const endpoint = readEndpoint(url);
  const authorise = authorisation(endpoint, options, ctx);
  return makeApiClient({ endpoint, authorise, clock: systemClock, version: ctx.version });
}

/** A server of this user on this machine has left its token; a tunnel to one is told it. Everything else is signed. */
export function authorisation(
  endpoint: Endpoint,
  options: StoredOptions,
  { env, platform, home }: CliContext,
): Authorise {
  const directory = dataDir({ flag: options.dataDir, env, platform, home });
  const token = endpoint.isLoopback ? (env['PORTFLEET_TOKEN'] ?? readToken(directory, endpoint.port)) : undefined;
  return token ? bearer(token) : signature(endpoint);
}

/** With the token of "portfleet serve". */
const bearer =
  (token: string): Authorise =>
  async ({ headers }) => ({ ...headers, authorization: `Bearer ${token}` });

/** With a signature; what makes it is loaded for the first request, and credentials are looked up then. */
function signature(endpoint: Endpoint): Authorise {
  let signing: Promise<Authorise> | undefined;
  return async (request) => {
    signing ??= import('./sign-request.ts').then(({ makeSigner }) => makeSigner(endpoint));
    return (await signing)(request);
  };
}

async function plan(raw: RawRequest, client: ApiClient, { host }: Endpoint): Promise<Result<PlannedScan>> {
  const wanted = { method: 'POST', path: '/scans?dryRun=true', body: requestBody(raw) } as const;
  const planned = await client.ask(acceptedSchema, wanted);
  if (!planned.ok) return err(...planned.errors.map((each) => inUsersWords(each, raw)));
  const { estimate, ...scan } = planned.value;
  const { atLeast, ifSilent } = estimate.milliseconds;
  return ok({
    scan,
    asks: estimate.asks,
    time: { atLeast: millis(atLeast), ifSilent: millis(ifSilent) },
    dollars: estimate.dollars,
    by: `the fleet behind ${host}`,
  });
}

/** The key makes it one scan, however often the request has to be repeated until an answer arrives. */
async function submit(raw: RawRequest, label: string | undefined, client: ApiClient): Promise<Result<Scan>> {
  const headers = { 'idempotency-key': randomUUID() };
  const path = label === undefined ? '/scans' : `/scans?${new URLSearchParams({ name: label })}`;
  const wanted = { method: 'POST', path, body: requestBody(raw), headers } as const;
  const accepted = await client.ask(acceptedSchema, wanted);
  if (!accepted.ok) return err(...accepted.errors.map((each) => inUsersWords(each, raw)));
  return ok(scanOf(await readScan(client, accepted.value.scanId ?? '')));
}

/** One that is worked on already is only followed. */
async function takeUp(scan: Scan, client: ApiClient): Promise<Result<Scan>> {
  const resumed = await client.ask(scanSchema, { method: 'POST', path: `/scans/${scan.id}/resume` });
  if (resumed.ok) return ok(scanOf(resumed.value));
  return resumed.errors.some(({ code }) => code === 'SCAN_ALREADY_RUNNING') ? ok(scan) : resumed;
}

const readScan = async (client: ApiClient, id: string): Promise<ScanResource> =>
  orThrow(await client.ask(scanSchema, { method: 'GET', path: `/scans/${id}` }));

async function findScan(prefix: string, client: ApiClient): Promise<Result<Scan>> {
  const found = await findByPrefix(async (wanted) => {
    const path = `/scans?limit=2&prefix=${wanted}`;
    const { items } = orThrow(await client.ask(scanListSchema, { method: 'GET', path }));
    return items.map(({ scanId }) => ({ id: scanId }));
  }, prefix);
  return found.ok ? ok(scanOf(await readScan(client, found.value.id))) : found;
}

/** Pages of the ports of a scan, of all or of those in one state. */
const portPages =
  (scan: Scan, client: ApiClient, state?: 'open'): ReadPage =>
  async (cursor) => {
    const query = new URLSearchParams({ ...(state && { state }), ...(cursor !== null && { cursor }) });
    return orThrow(await client.ask(portListSchema, { method: 'GET', path: `/scans/${scan.id}/ports?${query}` }));
  };

/** Read page by page, and written here: so it looks as one of this machine does, and may be of any size. */
async function readReport({ id }: Scan, client: ApiClient): Promise<Report> {
  const resource = await readScan(client, id);
  const scan = scanOf(resource);
  const hosts = () => remoteHosts(scan, portPages(scan, client));
  const counted = resource.summary && summaryOfRecord(resource.summary);
  return { scan, summary: counted ?? (await countHosts(scan, hosts(), systemClock.wall())), hosts: hosts() };
}

/** The request as the API takes it. What was not given stays out; of a target only its words go. */
function requestBody({ targets, exclude, ...raw }: RawRequest): Readonly<Record<string, unknown>> {
  const words = (list: RawRequest['targets']) =>
    list.map((target) => (typeof target === 'string' ? target : target.text));
  return { ...raw, targets: words(targets), ...(exclude && exclude.length > 0 && { exclude: words(exclude) }) };
}

/** An error of the API, with its place in the user's own words: "--ports" for "ports", "hosts.txt:3" for "targets". */
function inUsersWords(found: ErrorValue, { targets }: RawRequest): ErrorValue {
  const { at } = found;
  return at ? { ...found, at: { ...at, field: fieldOf(at, targets) } } : found;
}

function fieldOf({ field, text }: Place, targets: RawRequest['targets']): string {
  const named = Object.keys(JSON_FIELDS).find(
    (name): name is keyof FieldNames => JSON_FIELDS[name as keyof FieldNames] === field,
  );
  if (!named) return field;
  if (named !== 'targets') return COMMAND_LINE_FIELDS[named];
  const source = targets.find((target) => typeof target !== 'string' && target.text === text);
  return typeof source === 'object' ? source.field : COMMAND_LINE_FIELDS.targets;
}
