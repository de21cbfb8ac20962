import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../shared/domain/outcome.ts';
import type { Address, PortNumber } from '../../../shared/domain/units.ts';
import { ascii } from '../../../shared/identify/protocols/kit/bytes.ts';
import type { Payload } from '../../../shared/identify/protocols/kit/payload.ts';
import { makeUdpProber, reachesItself, udpProber } from '../../../shared/net/udp-prober.ts';
import type { Prober } from '../../../shared/seams/prober.ts';
import { openDescriptors, socketsSince } from '../../helpers/descriptors.ts';
import { chunkOf, LOOPBACK, startEngine, TEST_TIMING, verdicts } from '../../helpers/run-engine.ts';
import { closedUdpPort, replyingPort, udp, udpPort } from '../../helpers/udp-ports.ts';

/** The outcome of one ask, when there is one. */
const ask = (prober: Prober, port: PortNumber, address = LOOPBACK): Promise<Outcome> =>
  new Promise((resolve) => prober.send({ address, protocol: 'udp', port }, resolve));

const payload = (text: string, more: Partial<Payload> = {}): Payload => ({
  protocol: 'test',
  ports: [],
  source: 'this test',
  asks: 'nothing',
  bytes: ascii(text),
  ...more,
});
const asking = (...payloads: readonly Payload[]): Prober => makeUdpProber(() => payloads);

for (const address of ['127.0.0.1', '::1'] as Address[]) {
  describe(`a UDP probe of ${address}`, () => {
    it('hears the reply of an open port', async () => {
      await using server = await replyingPort('pong', address);
      const outcome = await ask(udpProber, server.port, address);
      expect(outcome).toMatchObject({ kind: 'replied' });
      expect(outcome.kind === 'replied' && Buffer.from(outcome.bytes).toString()).toBe('pong');
    });

    it('hears that a port is closed', async () => {
      expect(await ask(udpProber, await closedUdpPort(address), address)).toEqual({
        kind: 'errno',
        errno: 'ECONNREFUSED',
      });
    });
  });
}

describe('a UDP probe', () => {
  it('sends an empty datagram where no payload is known', async () => {
    await using server = await udpPort();
    const heard = once(server.socket, 'message');
    const { cancel } = udpProber.send({ address: LOOPBACK, protocol: 'udp', port: server.port }, () => {});
    expect((await heard)[0]).toHaveLength(0);
    cancel();
  });

  it('sends every payload of the port, in order', async () => {
    const heard: string[] = [];
    await using server = await udpPort((datagram, from, socket) => {
      heard.push(datagram.toString());
      if (heard.length === 3) socket.send('enough', from.port, from.address);
    });
    await ask(asking(payload('one'), payload('two'), payload('three')), server.port);
    expect(heard).toEqual(['one', 'two', 'three']);
  });

  it('tells once, whichever datagram the error of a closed port comes up with', async () => {
    const port = await closedUdpPort();
    const told: Outcome[] = [];
    const many = asking(...Array.from({ length: 20 }, (_, index) => payload(`${index}`)));
    await new Promise<void>((resolve) => {
      many.send({ address: LOOPBACK, protocol: 'udp', port }, (outcome) => {
        told.push(outcome);
        resolve();
      });
    });
    // Any second word would come with the error of a later datagram, and those are all on their way by now.
    await ask(udpProber, await closedUdpPort());
    expect(told).toEqual([{ kind: 'errno', errno: 'ECONNREFUSED' }]);
  });

  it('takes no datagram from another port for an answer', async () => {
    await using elsewhere = await udpPort();
    await using server = await udpPort((_, from, socket) => {
      elsewhere.socket.send('not me', from.port, from.address, () => socket.send('me', from.port, from.address));
    });
    const outcome = await ask(asking(payload('hello')), server.port);
    expect(outcome.kind === 'replied' && Buffer.from(outcome.bytes).toString()).toBe('me');
  });

  it('says nothing of a silent port, and gives its descriptor back when it is cancelled', async () => {
    await using silent = await udpPort();
    const heard = once(silent.socket, 'message');
    const before = openDescriptors();
    const told: Outcome[] = [];
    const { cancel } = udpProber.send({ address: LOOPBACK, protocol: 'udp', port: silent.port }, (outcome) =>
      told.push(outcome),
    );
    await heard;
    expect(socketsSince(before)).toBe(1);
    cancel();
    cancel();
    expect(socketsSince(before)).toBe(0);
    expect(told).toEqual([]);
  });

  it('has given its descriptors back by the time it tells', async () => {
    await using server = await replyingPort();
    const before = openDescriptors();
    const prober = asking(payload('hello', { isAnswerFromNewPort: () => true }));
    await new Promise<void>((resolve) => {
      prober.send({ address: LOOPBACK, protocol: 'udp', port: server.port }, () => {
        expect(socketsSince(before)).toBe(0);
        resolve();
      });
    });
  });

  it('tells of a port that cannot be probed, and does not throw', async () => {
    const before = openDescriptors();
    expect(await ask(udpProber, 0 as PortNumber)).toMatchObject({ kind: 'not-sent' });
    expect(await ask(asking(payload('x', { isAnswerFromNewPort: () => true })), 0 as PortNumber)).toMatchObject({
      kind: 'not-sent',
    });
    expect(socketsSince(before)).toBe(0);
  });
});

describe('a protocol that answers from another port', () => {
  const answersFromAnywhere = asking(
    payload('read', { isAnswerFromNewPort: (datagram) => Buffer.from(datagram).toString() === 'data' }),
  );

  it('is heard all the same', async () => {
    await using elsewhere = await udpPort();
    await using server = await udpPort((_, from) => elsewhere.socket.send('data', from.port, from.address));
    expect(await ask(answersFromAnywhere, server.port)).toMatchObject({ kind: 'replied' });
  });

  it('is found closed by the error that only the connected socket hears', async () => {
    expect(await ask(answersFromAnywhere, await closedUdpPort())).toEqual({ kind: 'errno', errno: 'ECONNREFUSED' });
  });

  it('is not believed from another address, nor when the datagram is none of the protocol', async () => {
    await using stranger = await udpPort(undefined, '127.0.0.2');
    await using elsewhere = await udpPort();
    const told: Outcome[] = [];
    const askers: number[] = [];
    await using server = await udpPort((_, { port, address }) => {
      askers.push(port);
      if (askers.length < 2) return;
      for (const each of askers) {
        stranger.socket.send('data', each, address);
        elsewhere.socket.send('other', each, address);
        elsewhere.socket.send('data', each, address);
      }
    });
    await new Promise<void>((resolve) => {
      answersFromAnywhere.send({ address: LOOPBACK, protocol: 'udp', port: server.port }, (outcome) => {
        told.push(outcome);
        resolve();
      });
    });
    expect(told.map((outcome) => outcome.kind === 'replied' && Buffer.from(outcome.bytes).toString())).toEqual([
      'data',
    ]);
  });
});

describe('a socket that reaches itself', () => {
  it('is matched by its two equal ends', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const port = socket.address().port as PortNumber;
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    expect(reachesItself(socket, { address: LOOPBACK, port })).toBe(true);
    socket.close();
  });

  it('is not seen in one that reaches a server', async () => {
    await using server = await udpPort();
    const socket = createSocket('udp4');
    socket.connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    expect(reachesItself(socket, { address: LOOPBACK, port: server.port })).toBe(false);
    socket.close();
  });
});

describe('the engine over UDP', () => {
  it('calls a replying port open, a refused one closed, and a silent one open|filtered', async () => {
    await using server = await replyingPort();
    let heard = 0;
    await using silent = await udpPort(() => {
      heard += 1;
    });
    const run = startEngine(chunkOf(udp(server.port, await closedUdpPort(), silent.port)), TEST_TIMING);
    expect(verdicts(await run.result)).toEqual([
      'open/udp-response',
      'closed/port-unreach',
      'open|filtered/no-response',
    ]);
    expect(run.found.map(({ port, reason }) => [port, reason])).toEqual([[server.port, 'udp-response']]);
    // Two asks of the sweep, and one with the closed port as witness.
    expect(heard).toBe(3);
  });
});
