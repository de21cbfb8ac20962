import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../shared/domain/outcome.ts';
import type { PortNumber } from '../../../shared/domain/units.ts';
import { tcpProber } from '../../../shared/net/tcp-prober.ts';
import { openDescriptors, socketsSince } from '../../helpers/descriptors.ts';
import { closedPort, openPort, silentPort } from '../../helpers/ports.ts';
import { LOOPBACK } from '../../helpers/run-engine.ts';

const probe = (port: PortNumber): Promise<Outcome> =>
  new Promise((resolve) => tcpProber.send({ address: LOOPBACK, protocol: 'tcp', port }, resolve));
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const REFUSED: Outcome = { kind: 'errno', errno: 'ECONNREFUSED' };

describe('the TCP prober, whose sockets serve one probe after the other', () => {
  it('gives each of many probes at once the answer of its own port, round after round', async () => {
    const closed = await closedPort();
    await using open = await openPort();
    for (let round = 0; round < 20; round++) {
      const ports = Array.from({ length: 50 }, (_, nth) => (nth % 3 === 0 ? open.port : closed));
      const outcomes = await Promise.all(ports.map((port) => probe(port)));
      expect(outcomes).toEqual(ports.map((port) => (port === closed ? REFUSED : { kind: 'accepted' })));
    }
  });

  it('tells nothing of a probe that was cancelled, and the right thing of those that follow at once', async () => {
    const closed = await closedPort();
    await using open = await openPort();
    await using silent = await silentPort();
    const told: Outcome[] = [];
    for (let round = 0; round < 50; round++) {
      const sent = [silent.port, open.port, closed].map((port) =>
        tcpProber.send({ address: LOOPBACK, protocol: 'tcp', port }, (outcome) => told.push(outcome)),
      );
      // Before the connect, before its answer is read, or in flight.
      for (let turns = 0; turns < round % 3; turns++) await turn();
      const before = told.length;
      for (const each of sent) each.cancel();
      expect(await Promise.all([probe(closed), probe(open.port), probe(closed)])).toEqual([
        REFUSED,
        { kind: 'accepted' },
        REFUSED,
      ]);
      expect(told).toHaveLength(before);
    }
  });

  it('cannot cancel, too late, the probe that has its socket by then', async () => {
    const closed = await closedPort();
    const late = await new Promise<{ cancel(): void }>((resolve) => {
      const sent = tcpProber.send({ address: LOOPBACK, protocol: 'tcp', port: closed }, () => resolve(sent));
    });
    // Node says 'close' after the turn in which the answer came.
    await turn();
    await turn();
    const next = probe(closed);
    late.cancel();
    expect(await next).toEqual(REFUSED);
  });

  it('has given back the descriptor when it tells of the answer', async () => {
    const closed = await closedPort();
    await probe(closed);
    const before = openDescriptors();
    const during = await new Promise<number>((resolve) =>
      tcpProber.send({ address: LOOPBACK, protocol: 'tcp', port: closed }, () => resolve(socketsSince(before))),
    );
    expect(during).toBe(0);
  });
});
