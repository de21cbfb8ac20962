import { describe, expect, it } from 'vitest';
import { type RawWatch, readWatch } from '../../../shared/watch/read-watch.ts';
import { parseReceiver, receiverWords } from '../../../shared/watch/receiver.ts';
import { WATCH_MEMBERS } from '../../../shared/watch/watch-fields.ts';
import { rawWatchOf } from '../../../shared/watch/watch-words.ts';
import { asCommand } from '../../helpers/watch-fields.ts';

const EDGE: RawWatch = { name: 'edge', targets: ['127.0.0.1'], every: '6h' };

async function codes(raw: RawWatch, how = asCommand): Promise<string[]> {
  const read = await readWatch(raw, how);
  return read.ok ? [] : read.errors.map(({ code, at, detail }) => `${code} ${at?.field ?? detail}`);
}

describe('What the owner of a watch writes', () => {
  it('is read, and can be written again as the same watch', async () => {
    const watches: RawWatch[] = [
      EDGE,
      {
        ...EDGE,
        ports: '22,443',
        detect: 'tls',
        timing: 'T4',
        expect: '22',
        expectExact: true,
        notify: ['stdout', 'exec:./tell'],
      },
      {
        name: 'night',
        targets: ['web.example'],
        cron: '0 3 * * 1-5',
        zone: 'Europe/Berlin',
        quietHours: '22:00-07:30',
      },
      { ...EDGE, every: '90m', expectDocument: '{"targets": {"10.0.0.0/24": [22, "U:53"]}}' },
    ];
    for (const raw of watches) {
      const first = await readWatch(raw, asCommand);
      if (!first.ok) throw new Error(JSON.stringify(first.errors));
      expect(await readWatch(rawWatchOf(first.value), asCommand)).toEqual(first);
    }
  });

  it('means the times of a pattern in the zone of its reader, unless it says another', async () => {
    const raw = { name: 'x', targets: ['127.0.0.1'], cron: '0 3 * * *' };
    expect(await readWatch(raw, asCommand)).toMatchObject({ value: { schedule: { zone: 'Europe/Vienna' } } });
    expect(await readWatch({ ...raw, zone: 'UTC' }, asCommand)).toMatchObject({ value: { schedule: { zone: 'UTC' } } });
  });

  it('is refused with every error at once, each at its place', async () => {
    const wrong = {
      name: '-x',
      targets: ['10.0.0.1/33'],
      ports: '99999',
      every: '5s',
      expect: 'nonsense-port',
      quietHours: '25:00-7',
      notify: ['carrier-pigeon', 'http://example.org/'],
    };
    expect(await codes(wrong)).toEqual([
      'OPTION_UNREADABLE --name',
      'TARGET_UNREADABLE target',
      'PORT_OUT_OF_RANGE --ports',
      'OPTION_UNREADABLE --every',
      'PORT_NAME_UNKNOWN --expect',
      'OPTION_UNREADABLE --quiet-hours',
      'OPTION_UNREADABLE --notify',
      'OPTION_UNREADABLE --notify',
    ]);
  });

  it('tells so many receivers, each once, and is refused in one sentence where there are more', async () => {
    const urls = Array.from({ length: 10_000 }, (_, at) => `https://example.org/${at}`);
    const few = await readWatch({ ...EDGE, notify: [...urls.slice(0, 32), ...urls.slice(0, 32)] }, asCommand);
    expect(few.ok && few.value.notify).toEqual(urls.slice(0, 32));
    expect(await codes({ ...EDGE, notify: urls })).toEqual([
      'OPTION_UNREADABLE 10,000 receivers are too many: a watch tells 32.',
    ]);
  });

  it('names the members of a file where it comes from one', async () => {
    expect(await codes({ ...EDGE, every: 'often' }, { ...asCommand, fields: WATCH_MEMBERS })).toEqual([
      'OPTION_UNREADABLE every',
    ]);
  });

  it('says when to run: once, and by a pattern that comes', async () => {
    expect(await codes({ name: 'x', targets: ['127.0.0.1'] })).toEqual([
      'OPTION_UNREADABLE Nothing says when the watch runs.',
    ]);
    expect(await codes({ ...EDGE, cron: '0 3 * * *' })).toEqual([
      'OPTIONS_CONFLICT A watch runs at intervals or by a pattern, not both.',
    ]);
    for (const cron of ['x', '0 0 30 2 *', '* * * * * *']) {
      expect(await codes({ name: 'x', targets: ['127.0.0.1'], cron })).toEqual(['OPTION_UNREADABLE --cron']);
    }
    expect(await codes({ name: 'x', targets: ['127.0.0.1'], cron: '0 3 * * *', zone: 'Mars' })).toEqual([
      'OPTION_UNREADABLE --zone',
    ]);
    expect(await codes({ ...EDGE, expectExact: true })).toEqual([
      'OPTIONS_CONFLICT It is said how exact the expectation is, but not what is expected.',
    ]);
  });
});

describe('A receiver', () => {
  const kind = (text: string, place: 'machine' | 'server') => {
    const read = parseReceiver(text, 'notify', place);
    return read.ok ? read.value.kind : 'refused';
  };

  it('is what the place can tell', () => {
    const rows: [text: string, machine: string, server: string][] = [
      ['stdout', 'stdout', 'stdout'],
      ['exec:./tell', 'exec', 'refused'],
      ['exec:', 'refused', 'refused'],
      ['https://example.org/hook', 'webhook', 'webhook'],
      ['webhook:https://example.org/hook', 'webhook', 'webhook'],
      ['slack:https://hooks.slack.com/services/x', 'slack', 'slack'],
      ['teams:https://example.org/x', 'teams', 'teams'],
      ['discord:https://discord.com/api/webhooks/x', 'discord', 'discord'],
      ['http://127.0.0.1:8080/', 'webhook', 'webhook'],
      ['http://localhost:8080/', 'webhook', 'webhook'],
      ['http://example.org/', 'refused', 'refused'],
      ['http://127.0.0.1.example.org/', 'refused', 'refused'],
      ['https://user:word@example.org/', 'refused', 'refused'],
      ['mailto:ops@example.org', 'mail', 'mail'],
      ['mailto:a@example.org,b@example.org', 'refused', 'refused'],
      ['mailto:a@example.org\nBcc: b@example.org', 'refused', 'refused'],
    ];
    for (const [text, machine, server] of rows) {
      expect([text, kind(text, 'machine'), kind(text, 'server')]).toEqual([text, machine, server]);
    }
  });

  it('is shown without the part of its address that is a secret', () => {
    expect(receiverWords('slack:https://hooks.slack.com/services/T0/B0/secret')).toBe(
      'slack:https://hooks.slack.com/…',
    );
    expect(receiverWords('https://example.org/')).toBe('https://example.org/');
    expect(receiverWords('exec:./tell')).toBe('exec:./tell');
  });
});
