import { expect, it } from 'vitest';
import type { Finding } from '../../shared/domain/finding.ts';
import { type Address, chunkNumber, epochMillis, millis } from '../../shared/domain/units.ts';
import { coverageOfChunk, sampleFinding, sampleScan } from '../helpers/sample-scan.ts';
import { LATER, type StoreWith } from './store-bench.ts';

/** What the second pass adds to a finding, with all there can be. */
const SSH_THAT_ANSWERED: Partial<Finding> = {
  service: {
    name: 'ssh',
    method: 'probed',
    product: 'OpenSSH',
    version: '9.2p1',
    info: 'protocol 2.0',
    confidence: 10,
  },
  banner: 'SSH-2.0-OpenSSH_9.2p1\r\n\0\xff',
  tls: {
    version: 'TLSv1.3',
    cipher: 'TLS_AES_256_GCM_SHA384',
    alpn: null,
    serverName: 'host.example',
    startTls: null,
    certificate: {
      subject: 'CN=host.example',
      issuer: 'CN=Example CA',
      names: ['host.example'],
      validFrom: epochMillis(1_790_000_000_000),
      validTo: epochMillis(1_800_000_000_000),
      selfSigned: false,
      key: 'EC prime256v1',
      serial: '01',
      fingerprint: 'AB:CD',
    },
  },
};

export function findings(storeWith: StoreWith): void {
  it('by chunk, to the last field', async () => {
    const scan = sampleScan({ chunks: 2 });
    const store = await storeWith(scan);
    const first = [sampleFinding(22, { service: { name: 'ssh', method: 'probed' }, attempt: 3 }), sampleFinding(80)];
    const second = [sampleFinding(443, { rtt: millis(1 / 3) })];
    await store.putFindings(scan.id, chunkNumber(0), first);
    await store.putFindings(scan.id, chunkNumber(1), second);
    expect(await store.readFindings(scan.id, chunkNumber(0))).toEqual(first);
    expect(await store.readFindings(scan.id, chunkNumber(1))).toEqual(second);
  });

  it('of what was seen first, whoever says it again', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const early = sampleFinding(80, { rtt: millis(1) });
    const late = sampleFinding(80, { rtt: millis(2), seenAt: LATER });
    await store.putFindings(scan.id, chunkNumber(0), [early]);
    await store.putFindings(scan.id, chunkNumber(0), [late, sampleFinding(81)]);
    expect(await store.readFindings(scan.id, chunkNumber(0))).toEqual([early, sampleFinding(81)]);
  });

  it('with the service that a port was identified as, added to the first sight of it', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const seen = sampleFinding(22, { rtt: millis(1) });
    const asked = sampleFinding(22, { ...SSH_THAT_ANSWERED, rtt: millis(2), seenAt: LATER });
    await store.putFindings(scan.id, chunkNumber(0), [seen]);
    await store.putFindings(scan.id, chunkNumber(0), [asked]);
    expect(await store.readFindings(scan.id, chunkNumber(0))).toEqual([{ ...seen, ...SSH_THAT_ANSWERED }]);
  });

  it('of which the first service stays, whoever sees the port or probes it again', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const asked = sampleFinding(22, SSH_THAT_ANSWERED);
    await store.putFindings(scan.id, chunkNumber(0), [asked]);
    await store.putFindings(scan.id, chunkNumber(0), [sampleFinding(22), { ...asked, banner: 'another' }]);
    expect(await store.readFindings(scan.id, chunkNumber(0))).toEqual([asked]);
  });

  it('of ports that said as much as is kept, in every byte there is', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const banner = String.fromCharCode(...Array.from({ length: 4_096 }, (_, at) => at % 256));
    const all = Array.from({ length: 100 }, (_, at) => sampleFinding(at + 1, { banner }));
    await store.putFindings(scan.id, chunkNumber(0), all);
    expect(await store.readFindings(scan.id, chunkNumber(0))).toEqual(all);
  });

  it('once, though one write names a port twice', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const early = sampleFinding(80, { rtt: millis(1) });
    await store.putFindings(scan.id, chunkNumber(0), [early, sampleFinding(80, { rtt: millis(2) })]);
    expect(await store.readFindings(scan.id, chunkNumber(0))).toEqual([early]);
  });

  it('address by address, TCP first and each in order, whichever was written first', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const udp = sampleFinding(53, { protocol: 'udp', reason: 'udp-response' });
    const far = { address: '127.0.0.2' as Address };
    await store.putFindings(scan.id, chunkNumber(0), [sampleFinding(443), sampleFinding(65_535)]);
    await store.putFindings(scan.id, chunkNumber(0), [sampleFinding(9, far), udp, sampleFinding(80)]);
    await store.putFindings(scan.id, chunkNumber(0), [sampleFinding(80), sampleFinding(7, far), sampleFinding(8_080)]);
    const stored = await store.readFindings(scan.id, chunkNumber(0));
    const places = stored.map(({ address, protocol, port }) => `${address} ${protocol}/${port}`);
    const near = [...[80, 443, 8_080, 65_535].map((port) => `127.0.0.1 tcp/${port}`), '127.0.0.1 udp/53'];
    const behind = ['127.0.0.2 tcp/7', '127.0.0.2 tcp/9'];
    // Which address was written first is for the store's clock to say.
    expect([
      [...near, ...behind],
      [...behind, ...near],
    ]).toContainEqual(places);
  });

  it('apart by address and protocol', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const three = [
      sampleFinding(53),
      sampleFinding(53, { protocol: 'udp', reason: 'udp-response' }),
      sampleFinding(53, { address: '::1' as Address }),
    ];
    await store.putFindings(scan.id, chunkNumber(0), three);
    const stored = await store.readFindings(scan.id, chunkNumber(0));
    expect(stored).toHaveLength(3);
    expect(stored).toEqual(expect.arrayContaining(three));
  });

  it('many at once, from concurrent writers', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const all = Array.from({ length: 300 }, (_, at) => sampleFinding(at + 1));
    await Promise.all([0, 50, 100, 150].map((from) => store.putFindings(scan.id, chunkNumber(0), all.slice(from))));
    expect(await store.readFindings(scan.id, chunkNumber(0))).toEqual(all);
  });

  it('of nothing as nothing', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    await store.putFindings(scan.id, chunkNumber(0), []);
    expect(await store.readFindings(scan.id, chunkNumber(0))).toEqual([]);
  });

  it('beside the record of their chunk, with the names that were looked up last', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const coverage = coverageOfChunk(chunkNumber(0));
    await store.putCoverage(scan.id, coverage);
    const names = { ['192.0.2.7' as Address]: ['a.test', 'b_1.test'] };
    await store.putCoverage(scan.id, { ...coverage, names });
    expect(await store.readCoverage(scan.id, chunkNumber(0))).toEqual({ ...coverage, names });
  });

  it('of one scan apart from those of another', async () => {
    const [scan, other] = [sampleScan(), sampleScan()];
    const store = await storeWith(scan);
    await store.createScan(other);
    await store.putFindings(scan.id, chunkNumber(0), [sampleFinding(80)]);
    expect(await store.readFindings(other.id, chunkNumber(0))).toEqual([]);
  });

  it('as they were, in fewer records, once they are compacted', async () => {
    const scan = sampleScan({ chunks: 2 });
    const store = await storeWith(scan);
    const seen = sampleFinding(22, { rtt: millis(1 / 3), seenAt: epochMillis(LATER + 1 / 3) });
    await store.putFindings(scan.id, chunkNumber(0), [seen, sampleFinding(80)]);
    await store.putFindings(scan.id, chunkNumber(0), [sampleFinding(22, { ...SSH_THAT_ANSWERED, seenAt: LATER })]);
    await store.putFindings(scan.id, chunkNumber(1), [sampleFinding(443)]);
    for (let times = 0; times < 2; times++) {
      await store.compactFindings(scan.id, chunkNumber(0));
      expect(await store.readFindings(scan.id, chunkNumber(0))).toEqual([
        { ...seen, ...SSH_THAT_ANSWERED },
        sampleFinding(80),
      ]);
    }
    expect(await store.readFindings(scan.id, chunkNumber(1))).toEqual([sampleFinding(443)]);
    await store.compactFindings(sampleScan().id, chunkNumber(0));
    const late = [sampleFinding(22), sampleFinding(81)];
    await store.putFindings(scan.id, chunkNumber(0), late);
    expect(await store.readFindings(scan.id, chunkNumber(0))).toEqual([
      { ...seen, ...SSH_THAT_ANSWERED },
      sampleFinding(80),
      sampleFinding(81),
    ]);
  });
}
