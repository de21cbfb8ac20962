import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../shared/domain/finding.ts';
import { type Address, type EpochMillis, epochMillis } from '../../../shared/domain/units.ts';
import {
  acknowledgeAlerts,
  editWatch,
  pauseWatch,
  resumeWatch,
  runWatchNow,
} from '../../../shared/usecases/manage-watches.ts';
import { messageText } from '../../../shared/watch/message-text.ts';
import { openAlerts } from '../../../shared/watch/open-alerts.ts';
import { liveWatch, OPEN, SILENT, UNPROBED, type WatchLife } from '../../helpers/watch-life.ts';

const DAY = 86_400_000;

const probed = (name: string, product?: string, version?: string) => ({
  open: {
    service: { name, method: 'probed', ...(product && { product }), ...(version && { version }) },
    banner: '',
  } as Partial<Finding>,
});

const withCertificate = (validTo: EpochMillis) => ({
  open: {
    tls: {
      ...{ version: 'TLSv1.3', cipher: 'x', alpn: null, serverName: null, startTls: null },
      certificate: {
        ...{
          subject: 'CN=x',
          issuer: 'CN=x',
          names: [],
          selfSigned: false,
          key: 'RSA 2048',
          serial: '1',
          fingerprint: 'AB',
        },
        ...{ validFrom: epochMillis(0), validTo },
      },
    },
  } as Partial<Finding>,
});

async function alerts(life: WatchLife) {
  const { id } = await life.watch();
  return (await life.hosts()).flatMap((record) => openAlerts(id, record));
}

describe('A watch', () => {
  it('learns what is so at first, with three scans, and tells nothing of it', async () => {
    const life = await liveWatch({});
    life.answer({ 1: OPEN, 2: SILENT });
    await life.runs(1);
    expect(await life.messages()).toEqual([]);
    expect(life.world.started.map(({ ports }) => ports)).toEqual(['1-4', '1-4', '1-4']);
  });

  it('takes a port for open whose answers were lost in the very first scan', async () => {
    const life = await liveWatch({});
    let scans = 0;
    life.answer((_, port) => {
      if (port !== 1) return { verdict: 'closed/conn-refused' };
      scans++;
      return scans === 1 ? SILENT : OPEN;
    });
    await life.runs(3);
    expect(await life.messages()).toEqual([]);
  });

  it('tells of a port that opened after probing it alone twice more, a minute apart', async () => {
    const life = await liveWatch({});
    life.answer({ 1: OPEN });
    await life.runs(1);
    life.answer({ 1: OPEN, 3: OPEN });
    const before = life.world.started.length;
    await life.runs(1);
    expect(await life.told()).toEqual(['+ 3/tcp on 127.0.0.1 opened']);
    const asked = life.world.started.slice(before);
    expect(asked.map(({ ports, targets }) => [ports, targets])).toEqual([
      ['1-4', ['127.0.0.1']],
      ['3', ['127.0.0.1']],
      ['3', ['127.0.0.1']],
    ]);
  });

  it('does not tell again what is still so, and shows it', async () => {
    const life = await liveWatch({});
    await life.runs(1);
    life.answer({ 3: OPEN });
    await life.runs(4);
    expect(await life.messages()).toHaveLength(1);
    expect(await alerts(life)).toMatchObject([
      { subject: 'port tcp/3', truth: { state: 'shut' }, told: { state: 'open' } },
    ]);
  });

  it('tells that an alert is over, once, when it is again as before', async () => {
    const life = await liveWatch({});
    await life.runs(1);
    life.answer({ 3: OPEN });
    await life.runs(1);
    life.answer({});
    await life.runs(3);
    expect(await life.told()).toEqual(['+ 3/tcp on 127.0.0.1 opened', '- 3/tcp on 127.0.0.1 closed (was open)']);
    expect(await alerts(life)).toEqual([]);
  });

  it('takes an acknowledged change for right: it is no alert any more, and its end is a change', async () => {
    const life = await liveWatch({});
    await life.runs(1);
    life.answer({ 3: OPEN });
    await life.runs(1);
    const [alert] = await alerts(life);
    expect(await acknowledgeAlerts(await life.watch(), [alert?.id ?? ''], life.manage)).toEqual({
      ok: true,
      value: [alert?.id],
    });
    expect(await alerts(life)).toEqual([]);
    expect((await acknowledgeAlerts(await life.watch(), ['0000'], life.manage)).ok).toBe(false);
    life.answer({});
    await life.runs(1);
    expect(await alerts(life)).toMatchObject([{ truth: { state: 'open' }, told: { state: 'shut' } }]);
  });

  it('does not cry for one lost answer, nor for two', async () => {
    const life = await liveWatch({});
    life.answer({ 1: OPEN });
    await life.runs(1);
    for (const losses of [1, 2]) {
      let left = losses;
      life.answer((_, port) => (port !== 1 ? { verdict: 'closed/conn-refused' } : left-- > 0 ? SILENT : OPEN));
      await life.runs(1);
    }
    expect(await life.messages()).toEqual([]);
  });

  it('tells of another version, and of nothing where the service only did not answer in time', async () => {
    const life = await liveWatch({});
    life.answer({ 1: probed('http', 'nginx', '1.24.0') });
    await life.runs(1);
    life.answer({ 1: OPEN });
    await life.runs(1);
    life.answer({ 1: probed('http', 'nginx') });
    await life.runs(1);
    life.answer({ 1: probed('http', 'nginx', '1.26.1') });
    await life.runs(1);
    expect(await life.told()).toEqual([
      '~ 1/tcp on 127.0.0.1 is another service: http nginx 1.26.1, before http nginx 1.24.0',
    ]);
  });

  it('learns what a service is when it is first identified, without an alert', async () => {
    const life = await liveWatch({});
    life.answer({ 1: OPEN });
    await life.runs(1);
    life.answer({ 1: probed('ssh', 'OpenSSH', '9.6') });
    await life.runs(1);
    life.answer({ 1: probed('ssh', 'OpenSSH', '9.9') });
    await life.runs(1);
    expect(await life.told()).toEqual([
      '~ 1/tcp on 127.0.0.1 is another service: ssh OpenSSH 9.9, before ssh OpenSSH 9.6',
    ]);
  });

  it('tells of a certificate at 30, 14, 7 and 1 days and when it is over, each once, and of a new one', async () => {
    const start = epochMillis(Date.UTC(2026, 0, 1));
    const life = await liveWatch({ schedule: { kind: 'every', interval: (DAY / 2) as never } }, start);
    life.answer({ 1: withCertificate(epochMillis(start + 40 * DAY)) });
    await life.runs(90);
    life.answer({ 1: withCertificate(epochMillis(start + 400 * DAY)) });
    await life.runs(2);
    expect((await life.told()).map((line) => line.replace(/ \(.*/, ''))).toEqual([
      '! the certificate of 1/tcp on 127.0.0.1 expires within 30 days',
      '! the certificate of 1/tcp on 127.0.0.1 expires within 14 days',
      '! the certificate of 1/tcp on 127.0.0.1 expires within 7 days',
      '! the certificate of 1/tcp on 127.0.0.1 expires within a day',
      '! the certificate of 1/tcp on 127.0.0.1 has expired',
      '= the certificate of 1/tcp on 127.0.0.1 holds for more than 30 days again',
    ]);
  });

  it('tells in its first run of what is not as expected, and when it is again', async () => {
    const life = await liveWatch({
      expect: { kind: 'document', text: 'targets: { 127.0.0.1: "2" }', strictness: 'exactly' },
    });
    life.answer({ 1: probed('http', 'nginx') });
    await life.runs(1);
    life.answer({ 2: OPEN });
    await life.runs(1);
    expect(await life.told()).toEqual([
      '! 1/tcp on 127.0.0.1 is open and not expected',
      '! 2/tcp on 127.0.0.1 is not open, and should be',
      '= 1/tcp on 127.0.0.1 is as expected again',
      '= 2/tcp on 127.0.0.1 is as expected again',
    ]);
  });

  it('tells what opened as one line with what was not expected of it', async () => {
    const life = await liveWatch({ expect: { kind: 'ports', text: '1', strictness: 'at-most' } });
    life.answer({ 1: OPEN });
    await life.runs(1);
    life.answer({ 1: OPEN, 4: probed('redis', 'Redis', '7.2') });
    await life.runs(1);
    expect(await life.told()).toEqual(['! 4/tcp on 127.0.0.1 is open and not expected redis Redis 7.2']);
  });

  it('tells of a host that appears in a block, and that goes, in a line each', async () => {
    const life = await liveWatch({ request: { targets: ['127.0.0.0/30'], ports: '1-3' } });
    const up = (addresses: readonly string[]) =>
      life.answer((address, port) =>
        !addresses.includes(address) ? SILENT : port < 3 ? OPEN : { verdict: 'closed/conn-refused' },
      );
    up(['127.0.0.1']);
    await life.runs(1);
    up(['127.0.0.1', '127.0.0.2']);
    await life.runs(1);
    up(['127.0.0.1']);
    await life.runs(1);
    expect(await life.told()).toEqual([
      '+ 127.0.0.2 appeared, open: 1/tcp, 2/tcp',
      '- 127.0.0.2 does not answer any more, was open: 1/tcp, 2/tcp',
    ]);
  });

  it('tells that a host could not be probed when that happened twice, and when it can be again', async () => {
    const life = await liveWatch({});
    life.answer({ 1: OPEN });
    await life.runs(1);
    let left = 1;
    life.answer((_, port) => (left-- > 0 ? UNPROBED : port === 1 ? OPEN : SILENT));
    await life.runs(1);
    expect(await life.told()).toEqual([]);
    life.answer({ 1: OPEN, 2: UNPROBED, 3: UNPROBED });
    await life.runs(2);
    life.answer({ 1: OPEN });
    await life.runs(1);
    expect(await life.told()).toEqual([
      '! 127.0.0.1 could not be probed: 2 ports, an error of this machine, not of the target',
      '= 127.0.0.1 can be probed again',
    ]);
  });

  it('does not call a port closed that could not be probed, nor one opened that it never saw before', async () => {
    const life = await liveWatch({});
    life.answer({ 1: OPEN, 2: UNPROBED });
    await life.runs(1);
    life.answer({ 1: UNPROBED, 2: OPEN });
    await life.runs(2);
    expect((await life.told()).filter((line) => !line.includes('probed'))).toEqual([]);
  });

  it('tells that it could not look after the second failure, once, and that it can again', async () => {
    const life = await liveWatch({ request: { targets: ['nowhere.test'], ports: '1' } });
    await life.runs(3);
    const { id } = await life.watch();
    expect((await life.messages()).map(messageText).join('')).toContain(
      'The watch could not look: "nowhere.test" has no address.',
    );
    expect(await life.messages()).toHaveLength(1);
    const watch = await life.watch();
    await editWatch(watch, { ...watch.spec, request: { targets: ['web.test'], ports: '1' } }, life.manage);
    await life.runs(1);
    expect((await life.messages()).map(({ kind, watch }) => [kind, watch.id])).toEqual([
      ['failure', id],
      ['recovered', id],
    ]);
  });

  it('goes on after one scan that was cancelled, without a word', async () => {
    const life = await liveWatch({});
    await life.runs(1);
    const before = life.world.started.length;
    life.endAs('cancelled');
    await life.runs(1);
    expect(life.world.started.length - before).toBe(2);
    expect(await life.messages()).toEqual([]);
    life.endAs('cancelled', 'cancelled');
    await life.runs(1);
    expect((await life.watch()).runs[0]?.failure).toContain('was cancelled');
    expect((await life.messages()).map(({ kind }) => kind)).toEqual(['failure']);
  });

  it('learns ground that is new to it after an edit, and still tells of what changed on the old', async () => {
    const life = await liveWatch({});
    life.answer({ 1: OPEN });
    await life.runs(1);
    const watch = await life.watch();
    await editWatch(
      watch,
      { ...watch.spec, request: { targets: ['127.0.0.1', '127.0.0.2'], ports: '1-6' } },
      life.manage,
    );
    life.answer({ 1: OPEN, 2: OPEN, 6: OPEN });
    await life.runs(3);
    expect(await life.told()).toEqual(['+ 2/tcp on 127.0.0.1 opened']);
  });

  it('knows a host by its name, whatever its addresses are: open is what is open on any of them', async () => {
    const life = await liveWatch({ request: { targets: ['two.test'], ports: '1-2' } });
    life.answer({ '127.0.0.7 1': OPEN, '127.0.0.8 1': OPEN });
    await life.runs(1);
    life.answer({ '127.0.0.8 1': OPEN });
    await life.runs(1);
    expect(await life.messages()).toEqual([]);
    life.answer({ '127.0.0.7 1': OPEN, '127.0.0.8 2': OPEN });
    await life.runs(1);
    expect(await life.told()).toEqual(['+ 2/tcp on two.test (127.0.0.8) opened']);
  });

  it('holds its messages back in quiet hours', async () => {
    const life = await liveWatch({ quietHours: { from: 0, to: 23 * 60 + 59, zone: 'UTC' } });
    await life.runs(1);
    life.answer({ 1: OPEN });
    await life.runs(1);
    const [delivery] = await life.store.listDeliveries((await life.watch()).id, 1);
    expect(new Date(delivery?.nextTryAt ?? 0).toISOString()).toContain('T23:59:00');
  });

  it('waits for a run that is slower than its interval, says so, and makes up for the time once', async () => {
    const life = await liveWatch({ schedule: { kind: 'every', interval: 60_000 as never } });
    await life.runs(2);
    const [second, first] = (await life.watch()).runs;
    expect(first?.rounds).toBe(3);
    expect(second?.delayed).toBeGreaterThan(0);
    expect(second?.startedAt).toBeGreaterThanOrEqual(first?.endedAt ?? 0);
  });

  it('begins no run while it is paused, but one that is asked for', async () => {
    const life = await liveWatch({});
    await life.runs(1);
    await pauseWatch(await life.watch(), life.manage);
    expect((await life.watch()).nextRunAt).toBeNull();
    await runWatchNow(await life.watch(), life.manage);
    await life.runs(1);
    expect(await life.watch()).toMatchObject({ status: 'paused', nextRunAt: null });
    await resumeWatch(await life.watch(), life.manage);
    expect((await life.watch()).nextRunAt).toBeGreaterThan(life.clock.wall());
  });

  it('writes nothing of a host where nothing changed', async () => {
    const life = await liveWatch({ request: { targets: ['127.0.0.0/28'], ports: '1-4' } });
    life.answer((address) => (address === ('127.0.0.3' as Address) ? OPEN : { verdict: 'closed/conn-refused' }));
    await life.runs(1);
    const before = await life.hosts();
    await life.runs(5);
    expect(await life.hosts()).toEqual(before);
  });

  it('remembers when ports opened and closed', async () => {
    const life = await liveWatch({});
    life.answer({ 1: OPEN });
    await life.runs(1);
    life.answer({});
    await life.runs(1);
    life.answer({ 1: OPEN });
    await life.runs(1);
    const [record] = await life.hosts();
    const spans = record?.spans['tcp/1'] ?? [];
    expect(spans.map(({ after, to }) => [after !== null, to !== null])).toEqual([
      [false, true],
      [true, false],
    ]);
    expect(spans[0]?.to).toBeLessThan(spans[1]?.from ?? 0);
  });
});
