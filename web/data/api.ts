import type { AcceptedResource } from '../../shared/api/resources/accepted-resource.ts';
import type { ChunkListResource } from '../../shared/api/resources/chunk-resource.ts';
import type { FindingResource } from '../../shared/api/resources/port-resource.ts';
import type { ScanLine } from '../../shared/api/resources/scan-line.ts';
import type { ScanResource } from '../../shared/api/resources/scan-resource.ts';
import type { WatchLine, WatchResource } from '../../shared/api/resources/watch-resource.ts';
import type { RawRequest } from '../../shared/request/parse-request.ts';
import type { DiffDocument } from '../changes/diff-list.tsx';
import { isBusy, riddenOut } from './patience.ts';
import { noteVersions } from './versions.ts';

/** Where the page stands: over this machine's own scans, or over a fleet behind the server's signature. */
export interface PageInfo {
  readonly version: string;
  /** Null on one machine. */
  readonly endpoint: string | null;
  /** `events`: the server pushes; `poll`: the page asks. */
  readonly live: 'events' | 'poll';
}

/** One error of a request: the members of a problem after RFC 9457 that the page shows. */
export interface ApiFault {
  readonly code: string;
  readonly detail: string;
  readonly mend: string;
  readonly at?: { readonly field: string; readonly text: string; readonly start: number; readonly end: number };
}

/** An answer that is no success: the API's own problem, no answer at all, or for a minute no room for the request. */
export class ApiError extends Error {
  readonly kind: 'problem' | 'signed-out' | 'unreachable' | 'busy';
  readonly faults: readonly ApiFault[];

  constructor(kind: ApiError['kind'], faults: readonly ApiFault[]) {
    super(faults.map(({ detail }) => detail).join(' '));
    this.kind = kind;
    this.faults = faults;
  }
}

const UNREACHABLE: ApiFault = {
  code: 'UNREACHABLE',
  detail: 'The server does not answer.',
  mend: 'Start "portfleet serve" again; this page goes on by itself.',
};

const BUSY: ApiFault = {
  code: 'ENDPOINT_BUSY',
  detail: 'There has been too much to do for more than a minute.',
  mend: 'This page goes on by itself as soon as there is room.',
};

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await riddenOut(() =>
    fetch(path, { ...init, headers: { accept: 'application/json', ...init.headers } }).catch((error: unknown) => {
      if (init.signal?.aborted) throw error;
      throw new ApiError('unreachable', [UNREACHABLE]);
    }),
  );
  noteVersions(response.headers);
  if (response.ok) return response;
  if (isBusy(response)) throw new ApiError('busy', [BUSY]);
  const problem = (await response.json().catch(() => null)) as { code?: string; faults?: ApiFault[] } | null;
  const unknown = { code: `HTTP_${response.status}`, detail: `The server answered ${response.status}.`, mend: '' };
  const faults = problem?.faults ?? [unknown];
  throw new ApiError(problem?.code === 'TOKEN_WRONG' ? 'signed-out' : 'problem', faults);
}

const json = async <Value>(path: string, init?: RequestInit): Promise<Value> =>
  (await (await ask(path, init)).json()) as Value;

const post = (body?: unknown, headers: Readonly<Record<string, string>> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  ...(body !== undefined && { body: JSON.stringify(body) }),
});

const watchPath = (name: string): string => `/watches/${encodeURIComponent(name)}`;

export type WatchAction = 'run' | 'pause' | 'resume' | 'test' | 'ack';

/** When one port of a host was open, as one watch saw it. */
export interface WatchedPort {
  readonly watch: string;
  readonly protocol: string;
  /** `after`: it was last seen otherwise then; null where nothing was seen before. `to` is null while it is open. */
  readonly open: readonly { readonly after: string | null; readonly from: string; readonly to: string | null }[];
}

/** A line of a report in jsonl: what the security groups of one address claim, each a list of ports. */
export interface GroupClaims {
  readonly ip: string;
  readonly resource: string;
  readonly region: string;
  readonly open_not_allowed: string;
  readonly open_to_anyone: string;
  readonly allowed_not_open: string;
}

const CLAIMS = '{"event":"security-groups"';

/** What the page asks of the HTTP API (docs/api.md); nothing else is ever asked. */
export const api = {
  info: () => json<PageInfo>('/page.json'),
  scans: (cursor?: string) =>
    json<{ items: readonly ScanLine[]; cursor: string | null }>(
      `/scans?limit=50${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
    ),
  scan: (id: string) => json<ScanResource>(`/scans/${id}`),
  chunks: (id: string, from: number, limit: number) =>
    json<ChunkListResource>(`/scans/${id}/chunks?from=${from}&limit=${limit}`),
  plan: (request: RawRequest, signal: AbortSignal) =>
    json<AcceptedResource>('/scans?dryRun=true', { ...post(request), signal }),
  submit: (request: RawRequest, key: string) =>
    json<AcceptedResource>('/scans', post(request, { 'idempotency-key': key })),
  openPorts: (id: string) => json<{ items: readonly FindingResource[] }>(`/scans/${id}/ports?state=open&limit=1000`),
  watches: () => json<{ items: readonly WatchLine[] }>('/watches'),
  history: (host: string, port: number) =>
    json<{ items: readonly WatchedPort[] }>(`/history?host=${encodeURIComponent(host)}&port=${port}`),
  watch: (name: string) => json<WatchResource>(watchPath(name)),
  addWatch: (watch: unknown) => json<{ readonly signingSecret: string }>('/watches', post(watch)),
  actOnWatch: (name: string, action: WatchAction) =>
    ask(`${watchPath(name)}/${action}`, post(action === 'ack' ? { alerts: 'all' } : undefined)),
  cancel: (id: string) => ask(`/scans/${id}/cancel`, post()),
  resume: (id: string) => ask(`/scans/${id}/resume`, post()),
  remove: (id: string) => ask(`/scans/${id}`, { method: 'DELETE' }),
  diff: (id: string, from: string) => json<DiffDocument>(`/scans/${id}/diff?from=${from}&format=json`),
  groupClaims: async (id: string): Promise<readonly GroupClaims[]> => {
    const lines = (await (await ask(`/scans/${id}/report?format=jsonl`)).text()).split('\n');
    return lines.filter((line) => line.startsWith(CLAIMS)).map((line) => JSON.parse(line) as GroupClaims);
  },
  reportUrl: (id: string, format: string) => `/scans/${id}/report?format=${format}`,
};
