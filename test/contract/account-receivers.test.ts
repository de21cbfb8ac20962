import { readFileSync } from 'node:fs';
import { request as forward } from 'node:http';
import { CreateTopicCommand } from '@aws-sdk/client-sns';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { TELLING } from '../../lambdas/aws/clients.ts';
import { receiverPolicy } from '../../lambdas/deployed-policy.ts';
import { makeAccountEvents, makeTopic } from '../../lambdas/watcher/account-services.ts';
import { makeSecurityHub, type SecurityFinding } from '../../lambdas/watcher/security-findings.ts';
import { makeDeployedSender, type TellService } from '../../lambdas/watcher/send-message.ts';
import { epochMillis, hostKey, millis } from '../../shared/domain/units.ts';
import type { WatchChange } from '../../shared/domain/watch-alert.ts';
import type { WatchMessage } from '../../shared/domain/watch-message.ts';
import { prohibitions } from '../../shared/request/target-policy.ts';
import { deliverMessages } from '../../shared/usecases/deliver-messages.ts';
import { deliveriesOf } from '../../shared/watch/deliveries-of.ts';
import { parseReceiver } from '../../shared/watch/receiver.ts';
import { NOBODY } from '../helpers/aws/emulator.ts';
import { FAULTS, type Fault, faulty, HASTY } from '../helpers/aws/faulty-service.ts';
import { hearAccount, snsClientAt } from '../helpers/aws/hear-account.ts';
import { type Ministack, startMinistack } from '../helpers/aws/ministack.ts';
import { sqsClientAt } from '../helpers/aws/sqs-queues.ts';
import { awsToolsMissing } from '../helpers/aws/tools.ts';
import { httpReceiver } from '../helpers/http-receiver.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { makeMemoryWatchStore } from '../helpers/memory-watch-store.ts';
import { sampleScan, sampleSummary } from '../helpers/sample-scan.ts';
import { sampleWatch } from '../helpers/sample-watch.ts';

const log = { info: () => {}, warn: () => {} };

const OPENED: WatchChange = {
  ...{ id: 'a1b2c3d4-7', host: hostKey('web.test'), address: null, subject: 'port tcp/8080', isBack: false },
  ...{ before: { kind: 'port', state: 'shut' }, after: { kind: 'port', state: 'open', service: null } },
  ...{ since: epochMillis(1_795_348_800_000), otherwiseAt: null },
};

/** A watch that has these changes to tell to these receivers, and what tells them; its clock moves only by the test. */
async function telling(services: Record<string, TellService>, changes = [OPENED], count = 1) {
  const [clock, watches, watch] = [manualClock(), makeMemoryWatchStore(), sampleWatch({ spec: { name: 'edge' } })];
  await watches.createWatch(watch);
  const send = makeDeployedSender({ watches, clock, allows: () => false, services });
  for (let number = 1; number <= count; number++) {
    const message: WatchMessage = {
      ...{ id: `${watch.id}-${number}`, kind: 'changes', watch: { id: watch.id, name: 'edge' }, run: number },
      ...{ at: clock.wall(), scan: null, changes, count: changes.length, failure: null },
    };
    const silent = { ...watch, spec: { ...watch.spec, notify: [] } };
    for (const each of deliveriesOf(silent, message, clock.wall(), Object.keys(services))) {
      await watches.createDelivery(each);
    }
  }
  const deliver = () => deliverMessages({ watches, clock, log, send });
  const list = () => watches.listDeliveries(watch.id, 100);
  /** Tries until nothing waits, with the clock put forward to each next try. */
  const deliverAll = async (): Promise<void> => {
    for (let tries = 0; tries < 50; tries++) {
      while ((await deliver()) > 0);
      const waiting = (await list()).filter(({ state }) => state === 'waiting');
      if (waiting.length === 0) return;
      clock.advance(millis(Math.max(0, ...waiting.map(({ nextTryAt }) => nextTryAt - clock.wall()))));
    }
    throw new Error('something waits for ever');
  };
  return { deliver, deliverAll, list };
}

/** The services of an account, of which the client is told by the environment, as in Lambda. */
function useAccountAt(endpoint: string): void {
  const before = { ...process.env };
  Object.assign(process.env, NOBODY, { AWS_ENDPOINT_URL: endpoint, AWS_MAX_ATTEMPTS: '1' });
  onTestFinished(() => {
    process.env = before;
  });
}

const missing = awsToolsMissing({ java: false, python: true });
if (missing) console.warn(`The topic and the events of an account are not tested: this ${missing}`);

describe.skipIf(missing)('In an account, as the emulator has it,', () => {
  let ministack: Ministack;
  beforeAll(async () => {
    ministack = await startMinistack();
  });
  afterAll(() => ministack.stop());

  async function account(fault: Fault = 'none') {
    const sns = snsClientAt(ministack.endpoint);
    const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
    sns.destroy();
    const sqs = sqsClientAt(ministack.endpoint);
    onTestFinished(() => sqs.destroy());
    const heard = await hearAccount(ministack.endpoint, sqs, 'alerts');
    const { port } = new URL(ministack.endpoint);
    useAccountAt(
      await faulty(fault, ({ method, headers, url }, body, take) => {
        const onward = forward({ host: '127.0.0.1', port, method, headers, path: url }, async (answer) => {
          let text = '';
          for await (const piece of answer.setEncoding('utf8')) text += piece;
          take(answer.statusCode ?? 500, answer.headers, text);
        });
        onward.end(body);
      }),
    );
    const sdk = fault === 'none' ? TELLING : HASTY;
    return { heard, topic: makeTopic(TopicArn, sdk), events: makeAccountEvents('default', 'Portfleet', sdk) };
  }

  it('the topic and the rules are told what changed, as the schema has it', async () => {
    const { heard, topic, events } = await account();
    const { deliver, list } = await telling({ sns: topic, events: events.watchChanged });
    await deliver();
    expect((await list()).map(({ state }) => state)).toEqual(['delivered', 'delivered']);
    const scan = sampleScan({ status: 'complete', summary: sampleSummary() });
    await events.scanEnded(scan);
    const all = new Map((await heard()).map((each) => [`${each.via} ${each.type}`, each.detail]));
    for (let more = await heard(); all.size < 3; more = await heard()) {
      for (const each of more) all.set(`${each.via} ${each.type}`, each.detail);
    }
    expect(all.get('topic changes')).toMatchObject({ changes: [{ port: 8080, what: 'port' }], count: 1 });
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const schema = JSON.parse(readFileSync(new URL('../../docs/events.schema.json', import.meta.url), 'utf8'));
    for (const type of ['Portfleet Watch Changed', 'Portfleet Scan Ended']) {
      const validate = ajv.compile({ ...schema, $id: type, oneOf: [{ $ref: `#/$defs/${encodeURIComponent(type)}` }] });
      expect(validate(all.get(`bus ${type}`)), JSON.stringify(validate.errors)).toBe(true);
    }
    expect(all.get('bus Portfleet Scan Ended')).toMatchObject({ id: scan.id, status: 'complete' });
  });

  for (const [fault, words] of Object.entries(FAULTS) as [Fault, string][]) {
    it(`that ${words}, the topic and the rules are told everything in the end, each under one id`, async () => {
      const { heard, topic, events } = await account(fault);
      const { deliverAll, list } = await telling({ sns: topic, events: events.watchChanged }, [OPENED], 3);
      await deliverAll();
      const deliveries = await list();
      expect(new Set(deliveries.map(({ state }) => state))).toEqual(new Set(['delivered']));
      expect(Math.max(...deliveries.map(({ tries }) => tries))).toBeGreaterThan(1);
      const ids = [...new Set(deliveries.map(({ message }) => message.id))].sort();
      let all = await heard();
      const told = (via: string) =>
        [...new Set(all.filter((each) => each.via === via).map(({ detail }) => `${detail['id']}`))].sort();
      for (; told('topic').length < ids.length || told('bus').length < ids.length; all = await heard());
      expect([told('topic'), told('bus')]).toEqual([ids, ids]);
      // What came twice is the same, word for word.
      const bodies = new Set(all.map(({ via, detail }) => `${via} ${JSON.stringify(detail)}`));
      expect(bodies.size).toBe(2 * ids.length);
    });
  }

  it('that is down, what could not be told waits, with the name of what went wrong', async () => {
    useAccountAt('http://127.0.0.1:9');
    const events = makeAccountEvents('default', 'Portfleet');
    const { deliver, list } = await telling({ sns: makeTopic('arn:aws:sns:us-east-1:000000000000:gone') });
    await deliver();
    expect(await list()).toMatchObject([{ state: 'waiting', tries: 1, answer: expect.stringMatching(/\w/) }]);
    await expect(events.scanEnded(sampleScan({ status: 'complete' }))).rejects.toThrow();
  });
});

describe('Security Hub', () => {
  const PRODUCT = 'arn:aws:securityhub:us-east-1:111122223333:product/111122223333/default';
  const findingsIn = (body: string) => (JSON.parse(body) as { Findings: SecurityFinding[] }).Findings;

  /** A hub that notes every import that reached it, whatever it answers then. */
  async function hub(fault: Fault): Promise<SecurityFinding[][]> {
    const imports: SecurityFinding[][] = [];
    const endpoint = await faulty(fault, (_, body, take) => {
      const findings = findingsIn(body.toString());
      imports.push(findings);
      take(200, {}, JSON.stringify({ SuccessCount: findings.length, FailedCount: 0, FailedFindings: [] }));
    });
    useAccountAt(endpoint);
    return imports;
  }
  const back: WatchChange = { ...OPENED, id: 'ffffffff-7', subject: 'port tcp/22', isBack: true };

  for (const [fault, words] of Object.entries(FAULTS) as [Fault, string][]) {
    it(`that ${words} has every finding in the end, each under the id of its alert`, async () => {
      const imports = await hub(fault);
      const { deliverAll, list } = await telling(
        { 'security-hub': makeSecurityHub(PRODUCT, HASTY) },
        [OPENED, back],
        3,
      );
      await deliverAll();
      const deliveries = await list();
      expect(new Set(deliveries.map(({ state }) => state))).toEqual(new Set(['delivered']));
      expect(Math.max(...deliveries.map(({ tries }) => tries))).toBeGreaterThan(1);
      const told = imports.flat();
      const runs = new Set(told.map(({ Description }) => Description));
      expect(runs.size).toBe(2 * deliveries.length);
      expect(new Set(told.map(({ Id }) => Id)).size).toBe(2);
      // What came twice is the same, word for word.
      expect(new Set(told.map((each) => JSON.stringify(each))).size).toBe(2 * deliveries.length);
    });
  }

  it('is given each alert as a finding of the account, in its format', async () => {
    const imports = await hub('none');
    const { deliverAll, list } = await telling({ 'security-hub': makeSecurityHub(PRODUCT) }, [OPENED, back]);
    await deliverAll();
    expect(await list()).toMatchObject([{ state: 'delivered', answer: '2 imported' }]);
    const [first, second] = imports[0] ?? [];
    expect(first).toMatchObject({
      SchemaVersion: '2018-10-08',
      Id: expect.stringMatching(/^portfleet\/\w{26}\/a1b2c3d4$/),
      ProductArn: PRODUCT,
      AwsAccountId: '111122223333',
      Severity: { Label: 'MEDIUM' },
      Title: expect.stringContaining('8080/tcp on web.test opened'),
      Resources: [{ Type: 'Other', Id: 'web.test', Details: { Other: { protocol: 'tcp', port: '8080' } } }],
      RecordState: 'ACTIVE',
    });
    expect(second).toMatchObject({ RecordState: 'ARCHIVED', Severity: { Label: 'INFORMATIONAL' } });
  });

  it('that refuses a finding is asked again, and what it said is shown', async () => {
    const FailedFindings = [{ Id: 'x', ErrorCode: 'InvalidInput', ErrorMessage: 'no' }];
    const hub = await httpReceiver((response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ SuccessCount: 0, FailedCount: 1, FailedFindings }));
    });
    useAccountAt(new URL(hub.url).origin);
    const { deliver, list } = await telling({ 'security-hub': makeSecurityHub(PRODUCT) });
    await deliver();
    expect(await list()).toMatchObject([{ state: 'waiting', answer: 'InvalidInput' }]);
  });
});

describe('A webhook of a deployment', () => {
  it('is never an address that the whole Internet does not reach', () => {
    const prohibited = prohibitions(receiverPolicy({}));
    for (const address of ['10.0.0.1', '127.0.0.1', '169.254.169.254', '192.168.1.1', '100.64.0.1', '::1', 'fd00::1']) {
      expect([address, prohibited(address as Parameters<typeof prohibited>[0])]).toEqual([address, 'forbidden']);
    }
    expect(prohibited('1.1.1.1' as Parameters<typeof prohibited>[0])).toBeUndefined();
  });

  it('is asked nothing at such an address, and the message waits', async () => {
    const other = await httpReceiver((response) => response.end());
    const watch = sampleWatch();
    const allows = prohibitions(receiverPolicy({}));
    const watches = makeMemoryWatchStore();
    await watches.createWatch(watch);
    const send = makeDeployedSender({
      ...{ watches, clock: manualClock(), services: {} },
      allows: (address) => allows(address) === undefined,
    });
    const message: WatchMessage = {
      ...{ id: 'm', kind: 'test', watch: { id: watch.id, name: 'edge' }, run: 1, at: epochMillis(1), scan: null },
      ...{ changes: [], count: 0, failure: null },
    };
    const notify = [other.url.replace('http:', 'https:').replace('127.0.0.1', 'localhost'), 'stdout', other.url];
    const answers = await Promise.all(
      deliveriesOf({ ...watch, spec: { ...watch.spec, notify } }, message, epochMillis(1)).map(send),
    );
    expect(answers.map(({ kind }) => kind)).toEqual(['again', 'never', 'never']);
    expect(answers[0]?.answer).toContain('no address that a message may go to');
    expect(other.got).toEqual([]);
  });

  it('is written with https, and no program or mail is', () => {
    for (const text of ['sns', 'https://example.org/hook', 'slack:https://example.org/x']) {
      expect(parseReceiver(text, 'notify', 'account').ok).toBe(true);
    }
    for (const text of ['stdout', 'exec:/bin/true', 'mailto:you@example.org', 'http://127.0.0.1:1/', 'events']) {
      expect(parseReceiver(text, 'notify', 'account')).toMatchObject({ ok: false });
    }
  });
});
