import { spawn, spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type LocalSenderDeps, makeLocalSender } from '../../local/notify/send-message.ts';
import { openDatabase } from '../../local/sqlite/open-database.ts';
import { makeSqliteWatchStore } from '../../local/sqlite/watch-store.ts';
import { millis } from '../../shared/domain/units.ts';
import { postMessage } from '../../shared/net/post-message.ts';
import { deliverMessages } from '../../shared/usecases/deliver-messages.ts';
import { sendTest } from '../../shared/usecases/manage-watches.ts';
import { httpReceiver } from '../helpers/http-receiver.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { closedPort } from '../helpers/ports.ts';
import { freshWatchId, sampleWatch } from '../helpers/sample-watch.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const log = { info: () => {}, warn: () => {} };

/** A watch with receivers, over a real file; its clock moves only when a test says so. */
async function watchTelling(notify: readonly string[], more: Partial<LocalSenderDeps> = {}) {
  const db = openDatabase(join(tempDir(), 'portfleet.db'));
  onTestFinished(() => db.close());
  const [clock, watches] = [manualClock(), makeSqliteWatchStore(db)];
  const watch = sampleWatch({ spec: { notify }, secret: '5e'.repeat(32) });
  await watches.createWatch(watch);
  const printed: string[] = [];
  const send = makeLocalSender({ watches, clock, print: (text) => printed.push(text), mail: null, ...more });
  return {
    ...{ watch, clock, printed },
    tellTest: () => sendTest(watch, { watches, clock, newWatchId: freshWatchId, newSecret: () => '' }),
    deliver: () => deliverMessages({ watches, clock, log, send }),
    /** Tries until nothing waits, with the clock put forward to each next try. */
    async deliverAll() {
      for (let tries = 0; tries < 100; tries++) {
        await deliverMessages({ watches, clock, log, send });
        const waiting = (await watches.listDeliveries(watch.id, 100)).filter(({ state }) => state === 'waiting');
        if (waiting.length === 0) return;
        clock.advance(millis(Math.max(0, ...waiting.map(({ nextTryAt }) => nextTryAt - clock.wall()))));
      }
      throw new Error('something waits for ever');
    },
    states: async () => (await watches.listDeliveries(watch.id, 100)).map(({ state, answer }) => `${state}: ${answer}`),
  };
}

describe('A webhook', () => {
  it('gets the message as JSON, signed with a time, under the name of its delivery', async () => {
    const receiver = await httpReceiver((response) => response.end('thanks'));
    const { watch, clock, tellTest, deliver, states } = await watchTelling([receiver.url]);
    const [id] = await tellTest();
    await deliver();
    expect(await states()).toEqual(['delivered: 200 thanks']);
    const [{ headers, body } = { headers: {}, body: '' }] = receiver.got;
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'portfleet-delivery': id });
    const [, at = '', signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(`${headers['portfleet-signature']}`) ?? [];
    expect(Number(at)).toBe(Math.floor(clock.wall() / 1_000));
    expect(signature).toBe(createHmac('sha256', watch.secret).update(`${at}.${body}`).digest('hex'));
    expect(JSON.parse(body)).toMatchObject({ version: 1, kind: 'test', watch: { id: watch.id }, changes: [] });
  });

  it('gets every message in the end, each under one id, when it answers 500 half of the time', async () => {
    const receiver = await httpReceiver((response, nth) => response.writeHead(nth % 2 === 0 ? 200 : 500).end());
    const { clock, tellTest, deliverAll, states } = await watchTelling([receiver.url]);
    const ids: string[] = [];
    for (let index = 0; index < 10; index++) {
      ids.push(...(await tellTest()));
      clock.advance(millis(1));
    }
    await deliverAll();
    expect(new Set(await states())).toEqual(new Set(['delivered: 200']));
    const taken = receiver.got
      .filter((_, index) => index % 2 === 1)
      .map(({ headers }) => headers['portfleet-delivery']);
    expect(new Set(receiver.got.map(({ headers }) => headers['portfleet-delivery']))).toEqual(new Set(ids));
    expect(new Set(taken).size).toBe(taken.length);
  });

  it('gets what it missed while it was down', async () => {
    const port = await closedPort();
    const { clock, tellTest, deliver, states } = await watchTelling([`http://127.0.0.1:${port}/hook`]);
    await tellTest();
    await deliver();
    expect((await states())[0]).toMatch(/^waiting: .*ECONNREFUSED/);
    const again = await httpReceiver((response) => response.end(), port);
    clock.advance(millis(10_000));
    await deliver();
    expect(await states()).toEqual(['delivered: 200']);
    expect(again.got).toHaveLength(1);
  });

  it('is not waited for without end when it takes a connection and says nothing', async () => {
    const receiver = await httpReceiver(() => {});
    const posted = await postMessage(
      { url: receiver.url, body: '{}', id: 'a', secret: 's', at: 1 },
      { allows: () => true, timeout: 1_000 },
    );
    expect(posted).toEqual({ kind: 'failed', why: 'no answer in time' });
    expect(receiver.got).toHaveLength(1);
  });

  it('cannot send the message on to another host', async () => {
    const other = await httpReceiver((response) => response.end());
    const receiver = await httpReceiver((response) => response.writeHead(307, { location: other.url }).end());
    const { tellTest, deliver, states } = await watchTelling([receiver.url]);
    await tellTest();
    await deliver();
    expect(await states()).toEqual(['waiting: 307']);
    expect(other.got).toEqual([]);
  });

  it('is given up at once when it says that it is gone', async () => {
    const receiver = await httpReceiver((response) => response.writeHead(410).end());
    const { tellTest, deliver, states } = await watchTelling([receiver.url]);
    await tellTest();
    await deliver();
    expect(await states()).toEqual(['given-up: 410']);
  });

  it('is not connected to at an address that is not allowed, whether it is written or resolved', async () => {
    const receiver = await httpReceiver((response) => response.end());
    const asked: string[] = [];
    const allows = (address: string) => asked.push(address) < 0;
    for (const host of ['127.0.0.1', 'localhost']) {
      const url = receiver.url.replace('127.0.0.1', host);
      const posted = await postMessage({ url, body: '{}', id: 'a', secret: 's', at: 1 }, { allows, timeout: 5_000 });
      expect(posted).toMatchObject({
        kind: 'failed',
        why: expect.stringContaining('no address that a message may go to'),
      });
    }
    expect(asked).toContain('127.0.0.1');
    expect(receiver.got).toEqual([]);
  });

  it('is never the metadata service of a cloud', async () => {
    const { tellTest, deliver, states } = await watchTelling(['https://169.254.169.254/latest']);
    await tellTest();
    await deliver();
    expect(await states()).toEqual(['waiting: 169.254.169.254 is no address that a message may go to']);
  });

  it('of a chat gets the shape that the chat takes', async () => {
    const receiver = await httpReceiver((response) => response.end());
    const { tellTest, deliver } = await watchTelling(
      ['slack', 'teams', 'discord'].map((kind) => `${kind}:${receiver.url}`),
    );
    await tellTest();
    await deliver();
    const bodies = receiver.got.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(bodies.map((body) => Object.keys(body)[0]).sort()).toEqual(['content', 'text', 'type']);
    for (const body of bodies) expect(JSON.stringify(body)).toContain('This is a test');
  });
});

describe('A program', () => {
  const program = (lines: string): string => {
    const path = join(tempDir(), 'tell me; touch nothing');
    writeFileSync(path, `#!/bin/sh\n${lines}\n`);
    chmodSync(path, 0o755);
    return path;
  };

  it('reads the message as JSON from its standard input; no shell reads its name', async () => {
    const target = join(tempDir(), 'got');
    const { tellTest, deliver, states } = await watchTelling([`exec:${program(`cat >'${target}'`)}`]);
    await tellTest();
    await deliver();
    expect(await states()).toEqual(['delivered: exit 0']);
    expect(JSON.parse(readFileSync(target, 'utf8'))).toMatchObject({ kind: 'test' });
  });

  it('that fails, or is not there, is run again later, and what it complained of is shown', async () => {
    const count = join(tempDir(), 'count');
    const failing = program(`echo x >>'${count}'; echo 'no\tline' >&2; [ $(wc -l <'${count}') -ge 2 ]`);
    const { tellTest, deliverAll, deliver, states } = await watchTelling([`exec:${failing}`]);
    await tellTest();
    await deliver();
    expect(await states()).toEqual(['waiting: exit 1 no\\x09line']);
    await deliverAll();
    expect((await states())[0]).toBe('delivered: exit 0');
    const missing = await watchTelling(['exec:/nowhere/at-all']);
    await missing.tellTest();
    await missing.deliver();
    expect((await missing.states())[0]).toMatch(/^waiting: .*ENOENT/);
  });
});

describe('Standard output', () => {
  it('gets the message as text', async () => {
    const { tellTest, deliver, printed } = await watchTelling(['stdout']);
    await tellTest();
    await deliver();
    expect(printed.join('')).toContain('This is a test: the receiver works.');
  });
});

const noMailServer = spawnSync('python3', ['-c', 'import aiosmtpd'], { stdio: 'ignore' }).status !== 0;
if (noMailServer)
  console.warn('The tests of mail are skipped: they need the Python package aiosmtpd, see .ci/python-packages');

describe.skipIf(noMailServer)('A mail', () => {
  async function mailServer(mode: 'takes' | 'refuses') {
    const child = spawn('python3', [fileURLToPath(new URL('../helpers/smtp-receiver.py', import.meta.url)), mode]);
    onTestFinished(async () => {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'close');
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const { value: port } = await lines.next();
    return {
      url: `smtp://127.0.0.1:${port}`,
      next: async () => JSON.parse(`${(await lines.next()).value}`) as { to: string[]; mail: string },
    };
  }

  it('reaches its address, with the id of the delivery as that of the mail', async () => {
    const server = await mailServer('takes');
    const mail = { url: server.url, from: 'portfleet@example.org' };
    const { tellTest, deliver, states } = await watchTelling(['mailto:ops@example.org'], { mail });
    const [id] = await tellTest();
    await deliver();
    expect((await states())[0]).toBe('delivered: 250 taken');
    const { to, mail: text } = await server.next();
    expect(to).toEqual(['ops@example.org']);
    expect(text).toContain(`<${id}@portfleet.invalid>`);
    expect(text).toMatch(/^Subject: \[watch .*/m);
    expect(text).toContain('This is a test');
  });

  it('that is refused for now is sent again, under the same id', async () => {
    const server = await mailServer('refuses');
    const mail = { url: server.url, from: 'portfleet@example.org' };
    const { tellTest, deliver, deliverAll, states } = await watchTelling(['mailto:ops@example.org'], { mail });
    const [id] = await tellTest();
    await deliver();
    expect((await states())[0]).toContain('waiting: ');
    await deliverAll();
    expect((await server.next()).mail).toContain(`<${id}@portfleet.invalid>`);
  });

  it('waits where no server is named, or none is there', async () => {
    const { tellTest, deliver, states } = await watchTelling(['mailto:ops@example.org']);
    await tellTest();
    await deliver();
    expect((await states())[0]).toContain('PORTFLEET_SMTP');
  });
});
