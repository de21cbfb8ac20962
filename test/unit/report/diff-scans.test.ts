import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareAddresses } from '../../../shared/domain/addresses/address-line.ts';
import type { Finding, Service } from '../../../shared/domain/finding.ts';
import type { PortSet } from '../../../shared/domain/port-set.ts';
import type { HostReport, Report } from '../../../shared/domain/report.ts';
import type { SshHostKey } from '../../../shared/domain/service-facts.ts';
import type { CertificateFacts, TlsFacts } from '../../../shared/domain/tls-facts.ts';
import { type DiffFormatName, formatDiff } from '../../../shared/report/diff/diff-format.ts';
import type { HostDiff } from '../../../shared/report/diff/diff-host.ts';
import {
  addToTally,
  type Diff,
  diffScans,
  NOTHING_COMPARED,
  watchDifferences,
} from '../../../shared/report/diff/diff-scans.ts';
import { arbitraryReport } from '../../helpers/arbitrary-report.ts';
import { finding, host, OPTIONS, report, run, SUBMITTED_AT, tcp, whole } from '../../helpers/sample-report.ts';

const inOrder = compareAddresses;

const diffOf = (before: Report, after: Report): Diff =>
  diffScans({ label: 'scan A', ...before }, { label: 'scan B', ...after }, inOrder);

async function itemsOf(before: Report, after: Report): Promise<HostDiff[]> {
  const items: HostDiff[] = [];
  for await (const item of diffOf(before, after).items) items.push(item);
  return items;
}

/** One host in two scans. */
async function onlyItem(before: HostReport, after: HostReport, ports: PortSet, later = ports) {
  const [item] = await itemsOf(report([before], ports), report([after], later));
  if (item?.kind !== 'both') throw new Error('the host is not in both scans');
  return item;
}

const web = (name: string, method: Service['method']) => finding('192.0.2.1', 80, { service: { name, method } });

describe('the difference of two scans', () => {
  it('names ports that are newly open and no longer open, with what they were and are', async () => {
    const before = host('192.0.2.1', {
      findings: [finding('192.0.2.1', 22)],
      runs: [run(80, 80, 'closed/conn-refused')],
    });
    const after = host('192.0.2.1', { findings: [web('http', 'table')], runs: [run(22, 22, 'filtered/no-response')] });
    const item = await onlyItem(before, after, tcp([22, 22], [80, 80]));
    expect(item.changes).toEqual([
      { kind: 'no-longer-open', before: before.findings[0], after: 'filtered/no-response' },
      { kind: 'newly-open', before: 'closed/conn-refused', after: after.findings[0] },
    ]);
    expect(item).toMatchObject({ presence: 'same', states: [], compared: 2 });
  });

  it('calls a service another only when both were detected', async () => {
    const changes = async (before: ReturnType<typeof web>, after: ReturnType<typeof web>) =>
      (
        await onlyItem(
          host('192.0.2.1', { findings: [before] }),
          host('192.0.2.1', { findings: [after] }),
          tcp([80, 80]),
        )
      ).changes;
    expect(await changes(web('nginx', 'probed'), web('apache', 'probed'))).toMatchObject([
      { kind: 'other-service', what: ['name'] },
    ]);
    expect(await changes(web('http', 'table'), web('nginx', 'probed'))).toEqual([]);
    expect(await changes(web('http', 'table'), web('www', 'table'))).toEqual([]);
  });

  it('sees another product, another version, TLS that begins, and another certificate', async () => {
    const certificate: CertificateFacts = {
      subject: 'CN=a.example',
      issuer: 'CN=ca',
      names: [],
      validFrom: SUBMITTED_AT,
      validTo: SUBMITTED_AT,
      selfSigned: false,
      key: 'RSA 2048',
      serial: '01',
      fingerprint: 'AB:CD',
    };
    const tls = (fingerprint: string): TlsFacts => ({
      version: 'TLSv1.3',
      cipher: 'TLS_AES_128_GCM_SHA256',
      alpn: null,
      serverName: null,
      startTls: null,
      certificate: { ...certificate, fingerprint },
    });
    const service = (product: string, version: string): Service => ({
      name: 'http',
      method: 'probed',
      product,
      version,
    });
    const what = async (before: Partial<Finding>, after: Partial<Finding>) => {
      const [was, is] = [before, after].map((each) =>
        host('192.0.2.1', { findings: [finding('192.0.2.1', 80, { banner: '', ...each })] }),
      ) as [HostReport, HostReport];
      const { changes } = await onlyItem(was, is, tcp([80, 80]));
      return changes.map((change) => (change.kind === 'other-service' ? change.what.join() : change.kind));
    };
    const nginx = { service: service('nginx', '1.0') };
    expect(await what(nginx, nginx)).toEqual([]);
    expect(await what(nginx, { service: service('nginx', '1.1') })).toEqual(['version']);
    expect(await what(nginx, { service: service('Apache', '1.0') })).toEqual(['product']);
    expect(await what(nginx, { ...nginx, tls: tls('AB') })).toEqual(['tls']);
    expect(await what({ tls: tls('AB') }, { tls: tls('CD') })).toEqual(['certificate']);
    expect(await what({ tls: tls('AB') }, { tls: tls('AB') })).toEqual([]);
    const lists = { keyExchange: [], hostKeyAlgorithms: [], ciphers: [], macs: [], weak: [] };
    const sshWith = (...hostKeys: SshHostKey[]) => ({
      service: { ...service('OpenSSH', '9'), ssh: { ...lists, hostKeys } },
    });
    const key = (type: string, fingerprint: string): SshHostKey => ({ type, bits: 256, fingerprint });
    const [ed25519, rsa] = [key('ssh-ed25519', 'SHA256:a'), key('ssh-rsa', 'SHA256:b')];
    expect(await what(sshWith(ed25519), sshWith(key('ssh-ed25519', 'SHA256:c'), rsa))).toEqual(['host-key']);
    expect(await what(sshWith(ed25519), sshWith(rsa))).toEqual([]);
  });

  it('names an open port that the earlier scan does not know, and an earlier one that the later did not probe', async () => {
    const [before, after] = [
      host('192.0.2.1', { findings: [finding('192.0.2.1', 22)], runs: [run(80, 80, 'unprobed/deadline')] }),
      host('192.0.2.1', {
        findings: [finding('192.0.2.1', 80), finding('192.0.2.1', 443)],
        runs: [run(22, 22, 'unprobed/cancelled')],
      }),
    ];
    const item = await onlyItem(before, after, tcp([22, 22], [80, 80]), tcp([22, 22], [80, 80], [443, 443]));
    expect(item.changes.map((change) => change.kind)).toEqual(['open-not-known-before', 'open-not-known-before']);
    expect(item.openBefore).toEqual(tcp([22, 22]));
  });

  it('calls a later host with open ports new, whatever the earlier scan was for', async () => {
    const one = report([host('192.0.2.1', { runs: [run(1, 1, 'closed/conn-refused')] })], tcp([1, 1]));
    const two = () => report([host('192.0.2.2', { findings: [finding('192.0.2.2', 1)] })], tcp([1, 1]));
    const items = await itemsOf(one, two());
    expect(items.map(({ presence }) => presence)).toEqual(['unknown', 'appeared']);
    const back = watchDifferences(diffOf(two(), report([], tcp([1, 1]))).items);
    for await (const item of back.items) expect(item.openBefore).toEqual(tcp([1, 1]));
    expect(back.verdict()).toBe('not-comparable');
  });

  it('does not say "nothing is different" where nothing was compared', async () => {
    const none = watchDifferences(diffOf(report([], tcp([1, 1])), report([], tcp([1, 1]))).items);
    for await (const _ of none.items) throw new Error('there is no host');
    expect(none.verdict()).toBe('not-comparable');
    const text = await whole(formatDiff('text', diffOf(report([], tcp([1, 1])), report([], tcp([1, 1]))), OPTIONS));
    expect(text).toContain('Nothing could be compared');
  });

  it('folds other changes of state, and takes another reason for no change', async () => {
    const before = host('192.0.2.1', { runs: [run(1, 9, 'filtered/no-response'), run(10, 20, 'closed/conn-refused')] });
    const after = host('192.0.2.1', { runs: [run(1, 3, 'filtered/host-unreach'), run(4, 20, 'closed/conn-refused')] });
    const item = await onlyItem(before, after, tcp([1, 20]));
    expect(item.states).toEqual([{ protocol: 'tcp', before: 'filtered', after: 'closed', count: 6, ranges: [[4, 9]] }]);
    expect(item.changes).toEqual([]);
  });

  it('sees hosts come and go by whether they answer on the ports that both probed', async () => {
    const [silent, closed] = ['filtered/no-response', 'closed/conn-refused'].map((verdict) =>
      host('192.0.2.1', { runs: [run(1, 9, verdict as 'closed/conn-refused')] }),
    ) as [HostReport, HostReport];
    expect((await onlyItem(silent, closed, tcp([1, 9]))).presence).toBe('came');
    expect((await onlyItem(closed, silent, tcp([1, 9]))).presence).toBe('went');
    const elsewhere = host('192.0.2.1', {
      findings: [finding('192.0.2.1', 500)],
      runs: [run(1, 9, 'filtered/no-response')],
    });
    expect((await onlyItem(silent, elsewhere, tcp([1, 9]), tcp([1, 9], [500, 500]))).presence).toBe('same');
  });

  it('compares nothing that one of the two did not probe, and says which and who', async () => {
    const before = host('192.0.2.1', {
      findings: [finding('192.0.2.1', 22)],
      runs: [run(1, 21, 'closed/conn-refused'), run(23, 30, 'unprobed/deadline')],
    });
    const after = host('192.0.2.1', { runs: [run(20, 25, 'unprobed/cancelled'), run(26, 40, 'closed/conn-refused')] });
    const item = await onlyItem(before, after, tcp([1, 30]), tcp([20, 40]));
    expect(item).toMatchObject({ changes: [], states: [], presence: 'same', compared: 0 });
    expect(item.notCompared).toEqual({
      before: { tcp: [[1, 22]], udp: [] },
      after: { tcp: [[26, 40]], udp: [] },
      neither: { tcp: [[23, 25]], udp: [] },
    });
  });

  it('merges hosts in the order of the plan, and names those that one scan alone probed', async () => {
    const hosts = (...addresses: string[]) =>
      report(
        addresses.map((address) => host(address, { runs: [run(1, 1, 'closed/conn-refused')] })),
        tcp([1, 1]),
      );
    const items = await itemsOf(
      hosts('192.0.2.2', '192.0.2.9', '2001:db8::1'),
      hosts('192.0.2.9', '192.0.2.10', '2001:db8::1'),
    );
    expect(items.map(({ kind, address }) => `${kind} ${address}`)).toEqual([
      'only-before 192.0.2.2',
      'both 192.0.2.9',
      'only-after 192.0.2.10',
      'both 2001:db8::1',
    ]);
  });

  it('finds no difference between a scan and itself, whatever the scan', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryReport, async ({ hosts, make }) => {
        const sorted = { ...make(), hosts: each([...hosts].sort((a, b) => inOrder(a.address, b.address))) };
        const again = { ...make(), hosts: each([...hosts].sort((a, b) => inOrder(a.address, b.address))) };
        const watched = watchDifferences(diffOf(sorted, again).items);
        let tally = NOTHING_COMPARED;
        for await (const item of watched.items) tally = addToTally(tally, item);
        expect(watched.verdict()).not.toBe('different');
        expect(tally.compared + tally.notCompared).toBe(make().summary.planned);
        expect(tally).toMatchObject({
          newlyOpen: 0,
          noLongerOpen: 0,
          otherService: 0,
          otherState: 0,
          came: 0,
          went: 0,
        });
      }),
      { numRuns: 40 },
    );
  });
});

async function* each<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

describe('the formats of a difference', () => {
  const earlier = () =>
    report(
      [
        host('192.0.2.1', {
          names: ['web.example'],
          findings: [finding('192.0.2.1', 22, { service: { name: 'ssh', method: 'table' } }), web('ngi|nx', 'probed')],
          runs: [run(23, 79, 'closed/conn-refused'), run(81, 90, 'closed/conn-refused')],
        }),
        host('192.0.2.2', { runs: [run(22, 90, 'filtered/no-response')] }),
        host('192.0.2.3', { runs: [run(22, 90, 'filtered/no-response')] }),
        host('192.0.2.7', { runs: [run(22, 90, 'filtered/no-response')] }),
        host('192.0.2.8', { runs: [run(22, 90, 'filtered/no-response')] }),
      ],
      tcp([22, 90]),
    );
  const later = () =>
    report(
      [
        host('192.0.2.1', {
          findings: [
            web('@apache\u001b', 'probed'),
            finding('192.0.2.1', 90, { service: { name: 'dnsix', method: 'table' } }),
          ],
          runs: [
            run(22, 30, 'filtered/no-response'),
            run(31, 79, 'closed/conn-refused'),
            run(81, 89, 'unprobed/deadline'),
          ],
        }),
        host('192.0.2.2', { runs: [run(22, 90, 'filtered/no-response')] }),
        host('192.0.2.3', { runs: [run(22, 90, 'closed/conn-refused')] }),
      ],
      tcp([22, 90]),
    );
  const written = (name: DiffFormatName): Promise<string> =>
    whole(formatDiff(name, diffOf(earlier(), later()), OPTIONS));

  it('text', async () => {
    expect(await written('text')).toBe(`Portfleet 0.1.0 difference
from scan A of 2026-11-22 14:20:08 UTC
  to scan B of 2026-11-22 14:20:08 UTC

web.example (192.0.2.1)
- 22/tcp no longer open: open ssh → filtered (no-response)
~ 80/tcp other service:  open ngi|nx → open @apache\\x1b
+ 90/tcp newly open:     closed (conn-refused) → open dnsix
~ closed → filtered: 23-30
  Not compared: 81-89 (only the earlier scan probed them)

192.0.2.3
  The host began to answer.
~ filtered → closed: 22-90

192.0.2.7 to 192.0.2.8 (2 addresses, each alike)
  Not compared: only the earlier scan has this host

1 port newly open, 1 port no longer open, 1 port with another service, 77 ports closed or filtered in another way, 1 host began to answer
Compared 198 ports of 3 hosts; not compared: 9 ports and 2 hosts of one scan alone
`);
  });

  it('calls a host that has no name of the user by those that DNS had for it at either time', async () => {
    const named = (reverseNames: string[], verdict: Parameters<typeof run>[2]) =>
      report([host('192.0.2.1', { reverseNames, runs: [run(22, 22, verdict)] })], tcp([22, 22]));
    const both = () => diffOf(named(['old.test'], 'closed/conn-refused'), named(['new.test'], 'filtered/no-response'));
    const writtenIn = (name: DiffFormatName) => whole(formatDiff(name, both(), OPTIONS));
    expect(await writtenIn('text')).toContain('\nnew.test, old.test (192.0.2.1)\n');
    expect(JSON.parse(await writtenIn('json')).hosts[0]).toMatchObject({
      names: [],
      reverseNames: ['new.test', 'old.test'],
    });
  });

  it('json', async () => {
    const document = JSON.parse(await written('json'));
    expect(document).toMatchObject({
      schemaVersion: 1,
      before: { label: 'scan A', scanId: '01KAB3X5J2V6Q0M8N4T7R9W1YZ' },
      tally: {
        newlyOpen: 1,
        noLongerOpen: 1,
        otherService: 1,
        otherState: 77,
        came: 1,
        hosts: 3,
        compared: 198,
        notCompared: 9,
      },
      ending: { kind: 'finished' },
    });
    expect(document.hosts.map(({ address }: { address: string }) => address)).toEqual([
      '192.0.2.1',
      '192.0.2.3',
      '192.0.2.7',
      '192.0.2.8',
    ]);
    expect(document.hosts[0].changes[2]).toMatchObject({
      kind: 'newly-open',
      protocol: 'tcp',
      port: 90,
      before: { state: 'closed', reason: 'conn-refused' },
      after: { state: 'open', service: { name: 'dnsix' } },
    });
    expect(document.hosts[0].notCompared).toEqual({ before: '81-89', after: '', neither: '' });
    expect(document.hosts[2]).toEqual({
      address: '192.0.2.7',
      names: [],
      presence: 'unknown',
      changes: [],
      notCompared: 'only-before',
    });
  });

  it('markdown, in which a service cannot break out of its cell or call anyone', async () => {
    const shown = await written('markdown');
    expect(shown).toContain(`### web.example (192.0.2.1)

| Port | Change | Before | After |
| --- | --- | --- | --- |
| 22/tcp | no longer open | open ssh | filtered (no-response) |
| 80/tcp | other service | open ngi&#124;nx | open &#64;apache\\\\x1b |
| 90/tcp | newly open | closed (conn-refused) | open dnsix |

- closed → filtered: 23-30
- not compared: 81-89 (only the earlier scan probed them)
`);
  });

  it('says plainly when nothing is different', async () => {
    expect(await whole(formatDiff('text', diffOf(earlier(), earlier()), OPTIONS))).toMatch(
      /\n\nNothing is different\nCompared 345 ports of 5 hosts\n$/,
    );
  });
});
