import { describe, expect, it } from 'vitest';
import { documentResponse } from '../../shared/api/document-response.ts';
import type { Finding } from '../../shared/domain/finding.ts';
import { portSet } from '../../shared/domain/port-set.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import type { Address, PortNumber } from '../../shared/domain/units.ts';
import { startApi } from '../helpers/http-api.ts';
import { sampleFinding, sampleScan, sampleSummary } from '../helpers/sample-scan.ts';

const OPTIONS = { mediaType: 'text/plain', fileName: 'x.txt', mostBytes: null };

/** Endless text that counts what was taken of it, and tells when nobody wants any more. */
function endless() {
  const taken = { pieces: 0 };
  let end: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  async function* pieces(): AsyncGenerator<string, void, void> {
    try {
      for (;;) {
        taken.pieces += 1;
        yield 'a piece of text\n';
      }
    } finally {
      end();
    }
  }
  return { pieces: pieces(), taken, ended };
}

describe('A document that streams', () => {
  it('is taken piece by piece, no faster than it is read', async () => {
    const { pieces, taken } = endless();
    const answer = await documentResponse(pieces, OPTIONS);
    const reader = (answer.ok ? answer.value.body : null)?.getReader();
    expect(taken.pieces).toBe(0);
    for (let read = 1; read <= 5; read++) {
      await reader?.read();
      expect(taken.pieces).toBe(read);
    }
  });

  it('ends where its reader leaves', async () => {
    const { pieces, ended } = endless();
    const answer = await documentResponse(pieces, OPTIONS);
    const reader = (answer.ok ? answer.value.body : null)?.getReader();
    await reader?.read();
    await reader?.cancel();
    await ended;
  });

  it('is put together, and refused where it is too large, where answers have a largest size', async () => {
    const { pieces, ended } = endless();
    const refused = await documentResponse(pieces, { ...OPTIONS, mostBytes: 1_000 });
    expect(refused.ok ? [] : refused.errors.map(({ code }) => code)).toEqual(['REPORT_TOO_LARGE']);
    await ended;
    async function* small() {
      yield 'ä';
      yield 'b';
    }
    const whole = await documentResponse(small(), { ...OPTIONS, mostBytes: 3 });
    expect(whole.ok && (await whole.value.text())).toBe('äb');
    expect((await documentResponse(small(), { ...OPTIONS, mostBytes: 2 })).ok).toBe(false);
  });
});

/** A finished scan of 1,000 hosts, a chunk each, of whose 500 ports all are open: a report of some 80 MB. */
function largeScan(): Scan {
  const { plan, ...scan } = sampleScan({ status: 'complete', summary: sampleSummary() });
  const addresses = [{ first: '10.0.0.0' as Address, last: '10.0.3.231' as Address }];
  const ports = portSet([[1 as PortNumber, 500 as PortNumber]], []);
  const geometry = { addressCount: 1_000, portCount: 500, kind: 'whole', size: 1, chunks: 1_000, lanes: 1 } as const;
  return { ...scan, plan: { ...plan, addresses, ports, geometry } };
}

const addressOf = (chunk: number): Address => `10.0.${chunk >> 8}.${chunk & 255}` as Address;

const openPorts = (chunk: number): Finding[] =>
  Array.from({ length: 500 }, (_, index) => sampleFinding(index + 1, { address: addressOf(chunk) }));

describe('A large report over HTTP', () => {
  it('is read from the store only as far as the client has come, and no further when it leaves', async () => {
    const read = { chunks: 0 };
    const api = await startApi({
      node: (node) => {
        const readFindings = async (_id: unknown, chunk: number) => {
          read.chunks = chunk + 1;
          return openPorts(chunk);
        };
        return { ...node, store: { ...node.store, readFindings } };
      },
    });
    const scan = largeScan();
    await api.node.store.createScan(scan);
    const leave = new AbortController();
    const headers = { authorization: `Bearer ${api.token}` };
    const answer = await fetch(`${api.url}/scans/${scan.id}/report`, { headers, signal: leave.signal });
    const reader = answer.body?.getReader();
    await reader?.read();
    const others = await api.ask('GET', '/health');
    expect(others.status).toBe(200);
    // The buffers of the sockets hold some megabytes; 1,000 chunks are 80.
    expect(read.chunks).toBeLessThan(500);
    leave.abort();
    await reader?.closed.catch(() => undefined);
    const whenLeft = read.chunks;
    await api.ask('GET', '/health');
    await api.ask('GET', '/health');
    expect(read.chunks - whenLeft).toBeLessThan(100);
  });

  it('breaks off, rather than end as if it were whole, when the store fails underway', async () => {
    const api = await startApi({
      node: (node) => {
        const readFindings = async (_id: unknown, chunk: number) => {
          if (chunk === 50) throw new Error('the disk is gone');
          return openPorts(chunk);
        };
        return { ...node, store: { ...node.store, readFindings } };
      },
    });
    const scan = largeScan();
    await api.node.store.createScan(scan);
    const answer = await fetch(`${api.url}/scans/${scan.id}/report?format=csv`, {
      headers: { authorization: `Bearer ${api.token}` },
    });
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow();
    expect(JSON.stringify(api.logged)).toContain('the disk is gone');
  });
});
