import { describe, expect, it } from 'vitest';
import type { ApiDeps } from '../../shared/api/api-deps.ts';
import { makeApi } from '../../shared/api/app.ts';
import { hostKey } from '../../shared/domain/units.ts';
import { newHostRecord } from '../../shared/watch/judge-host.ts';
import { startApi } from '../helpers/http-api.ts';
import { manualClock } from '../helpers/manual-clock.ts';

const EDGE = {
  name: 'edge',
  targets: ['127.0.0.1'],
  ports: '1-5',
  every: '6h',
  expect: { ports: 22 },
  notify: ['stdout'],
};

describe('Watches over HTTP', () => {
  it('are added, listed, read, changed and removed', async () => {
    const api = await startApi();
    const added = await api.ask('POST', '/watches', { body: EDGE });
    expect(added.status).toBe(200);
    const { watch, signingSecret } = added.json<{ watch: { watchId: string }; signingSecret: string }>();
    expect(signingSecret).toMatch(/^[0-9a-f]{64}$/);
    expect((await api.ask('GET', '/watches')).json<{ items: unknown[] }>().items).toMatchObject([
      { name: 'edge', spec: EDGE },
    ]);
    for (const name of ['edge', watch.watchId]) {
      expect((await api.ask('GET', `/watches/${name}`)).json()).toMatchObject({
        name: 'edge',
        status: 'active',
        alerts: [],
      });
    }
    const edited = await api.ask('PUT', '/watches/edge', { body: { ...EDGE, every: '1h' } });
    expect(edited.json()).toMatchObject({ watchId: watch.watchId, spec: { every: '1h' } });
    expect((await api.ask('POST', '/watches/edge/pause')).json()).toMatchObject({ status: 'paused', nextRunAt: null });
    expect((await api.ask('POST', '/watches/edge/resume')).json()).toMatchObject({ status: 'active' });
    expect((await api.ask('POST', '/watches/edge/run')).json()).toMatchObject({
      nextRunAt: new Date(api.clock.wall()).toISOString(),
    });
    expect((await api.ask('POST', '/watches/edge/test')).json<{ deliveryIds: string[] }>().deliveryIds).toHaveLength(1);
    expect((await api.ask('DELETE', '/watches/edge')).status).toBe(204);
    expect((await api.ask('GET', '/watches/edge')).codes()).toEqual(['WATCH_NOT_FOUND']);
  });

  it('are the same watch where the request is repeated, and refused where the name stands for another', async () => {
    const api = await startApi();
    const first = await api.ask('POST', '/watches', { body: EDGE });
    expect((await api.ask('POST', '/watches', { body: EDGE })).json()).toEqual(first.json());
    const other = await api.ask('POST', '/watches', { body: { ...EDGE, every: '1h' } });
    expect([other.status, other.codes()]).toEqual([409, ['WATCH_NAME_TAKEN']]);
  });

  it('are refused with every error at once, those of shape and those of meaning', async () => {
    const api = await startApi();
    const shapes = await api.ask('POST', '/watches', { body: { ...EDGE, every: 6, tragets: [] } });
    expect(shapes.codes().sort()).toEqual(['FIELD_UNKNOWN', 'FIELD_UNREADABLE']);
    const meanings = await api.ask('POST', '/watches', {
      body: { ...EDGE, every: 'often', ports: '99999', notify: ['exec:/bin/true'] },
    });
    expect(meanings.codes().sort()).toEqual(['OPTION_UNREADABLE', 'OPTION_UNREADABLE', 'PORT_OUT_OF_RANGE']);
    const missing = await api.ask('PUT', '/watches/nobody', { body: EDGE });
    expect(missing.codes()).toEqual(['WATCH_NOT_FOUND']);
    await api.ask('POST', '/watches', { body: EDGE });
    const text = await api.ask('PUT', '/watches/edge', { body: 'x', headers: { 'content-type': 'application/json' } });
    expect(text.codes()).toEqual(['BODY_UNREADABLE']);
  });

  it('are refused where they hold what no watch has: another way to look for hosts, or a document of any depth', async () => {
    const { ask } = await startApi();
    const edge = { name: 'edge', targets: ['127.0.0.1'], every: '6h' };
    const other = await ask('POST', '/watches', { body: { ...edge, discovery: 'before', skipAllOpen: true } });
    expect([other.status, other.codes()]).toEqual([400, ['FIELD_UNKNOWN', 'FIELD_UNKNOWN']]);
    const nested = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const body = `{"name":"edge","targets":["127.0.0.1"],"every":"6h","expect":{"ports":${nested}}}`;
    const deep = await ask('POST', '/watches', { body });
    expect([deep.status, deep.codes()]).toEqual([400, ['FIELD_UNREADABLE']]);
  });

  it('are not where nothing would run them, which the answer says', async () => {
    const api = makeApi({
      ...{ watching: null, clock: manualClock(), log: { info: () => {}, warn: () => {} } },
    } as unknown as ApiDeps);
    const answer = await api.request('/watches');
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({
      faults: [{ code: 'ROUTE_UNKNOWN', mend: expect.stringContaining('portfleet serve') }],
    });
  });

  it('tell when a port was open, and settle an alert', async () => {
    const api = await startApi();
    const { watch } = (await api.ask('POST', '/watches', { body: EDGE })).json<{ watch: { watchId: string } }>();
    const open = { kind: 'port', state: 'open', service: null } as const;
    await api.node.watches.replaceHost(watch.watchId as never, {
      ...newHostRecord(hostKey('127.0.0.1')),
      subjects: {
        'port tcp/3': { truth: { kind: 'port', state: 'shut' }, told: open, toldAt: api.clock.wall(), candidate: null },
      },
      spans: { 'tcp/3': [{ from: api.clock.wall(), after: null, to: null, service: null }] },
    });
    const history = await api.ask('GET', '/history?host=127.0.0.1&port=3');
    expect(history.json<{ items: unknown[] }>().items).toMatchObject([
      { watch: 'edge', port: 3, open: [{ to: null }] },
    ]);
    expect((await api.ask('GET', '/history')).codes()).toEqual(['FIELD_UNREADABLE']);
    const { alerts } = (await api.ask('GET', '/watches/edge')).json<{ alerts: { alertId: string; what: string }[] }>();
    expect(alerts).toMatchObject([{ what: 'port', protocol: 'tcp', port: 3, told: open }]);
    const [alert] = alerts;
    expect((await api.ask('POST', '/watches/edge/ack', { body: { alerts: [alert?.alertId] } })).json()).toEqual({
      alertIds: [alert?.alertId],
    });
    expect((await api.ask('POST', '/watches/edge/ack', { body: { alerts: [alert?.alertId] } })).codes()).toEqual([
      'ALERT_NOT_FOUND',
    ]);
    expect((await api.ask('POST', '/watches/edge/ack', { body: { alerts: 'all' } })).codes()).toEqual([
      'FIELD_UNREADABLE',
    ]);
  });
});
