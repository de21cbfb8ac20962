import * as z from 'zod/mini';
import { shows } from '../../shared/api/resources/shows.ts';
import { addedWatchSchema, watchListSchema, watchSchema } from '../../shared/api/resources/watch-resource.ts';
import { watchBody } from '../../shared/api/watch-request.ts';
import { orThrow } from '../../shared/domain/or-throw.ts';
import { ok, type Result } from '../../shared/domain/result.ts';
import { historiesFrom, type historyJson, type PortHistory } from '../../shared/watch/port-history.ts';
import type { RawWatch } from '../../shared/watch/read-watch.ts';
import type { WatchDesk } from '../commands/watch-desk.ts';
import type { ApiClient } from './api-client.ts';

const testedSchema = z.object({ deliveryIds: z.array(z.string()) });
const ackedSchema = z.object({ alertIds: z.array(z.string()) });

const historySchema = z.object({ items: shows<ReturnType<typeof historyJson>>(z.array(z.looseObject({}))) });

/** When the ports of a host were open, as a server's watches saw it. */
export async function remoteHistory(client: ApiClient, host: string, port: number | null): Promise<PortHistory[]> {
  const query = new URLSearchParams({ host, ...(port !== null && { port: `${port}` }) });
  const { items } = orThrow(await client.ask(historySchema, { method: 'GET', path: `/history?${query}` }));
  return historiesFrom(items);
}

/** The watches of a server. Whatever is asked here does no harm twice: what was lost on the way is asked again. */
export function remoteDesk(client: ApiClient, zone: string): WatchDesk {
  const path = (name: string, action = ''): string => `/watches/${encodeURIComponent(name)}${action}`;
  // Times are meant where the user is, not where the server is.
  const body = (raw: RawWatch) => watchBody(raw.zone || !(raw.cron || raw.quietHours) ? raw : { ...raw, zone });
  const change = (name: string, action: string) =>
    client.ask(watchSchema, { method: 'POST', path: path(name, action) });
  return {
    list: async () => orThrow(await client.ask(watchListSchema, { method: 'GET', path: '/watches' })).items,
    show: (name) => client.ask(watchSchema, { method: 'GET', path: path(name) }),
    add: (raw) => client.ask(addedWatchSchema, { method: 'POST', path: '/watches', body: body(raw) }),
    edit: (name, raw) => client.ask(watchSchema, { method: 'PUT', path: path(name), body: body(raw) }),
    pause: (name) => change(name, '/pause'),
    resume: (name) => change(name, '/resume'),
    run: (name) => change(name, '/run'),
    async remove(name): Promise<Result<void>> {
      const removed = await client.ask(z.any(), { method: 'DELETE', path: path(name) });
      return removed.ok ? ok(undefined) : removed;
    },
    async test(name) {
      const tested = await client.ask(testedSchema, { method: 'POST', path: path(name, '/test') });
      return tested.ok ? ok(tested.value.deliveryIds) : tested;
    },
    async ack(name, alerts) {
      const acked = await client.ask(ackedSchema, { method: 'POST', path: path(name, '/ack'), body: { alerts } });
      return acked.ok ? ok(acked.value.alertIds) : acked;
    },
  };
}
