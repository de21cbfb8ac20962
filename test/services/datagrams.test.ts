import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { PortNumber } from '../../shared/domain/units.ts';
import { identifyReply } from '../../shared/identify/identify-reply.ts';
import { PAYLOADS } from '../../shared/identify/protocols/all-payloads.ts';
import { openFinding } from '../helpers/identify.ts';
import { DATAGRAM_CASES } from './datagram-cases.ts';
import { isInstalled, runServer, START_WITHIN } from './run-server.ts';

/** A datagram that comes before the server listens is lost: it is sent again, until the limit of every start. */
const AGAIN_AFTER = 250;

/** The first answer to the payload of that port, from whichever port it comes: TFTP answers from a new one. */
async function replyTo(payload: Uint8Array, port: PortNumber, signal: AbortSignal): Promise<Uint8Array> {
  const socket: Socket = createSocket('udp4');
  // The kernel tells of a port that is closed, as it is until the server listens.
  socket.on('error', () => {});
  const over = new AbortController();
  const send = async (): Promise<void> => {
    while (!over.signal.aborted) {
      socket.send(payload, port, '127.0.0.1');
      await delay(AGAIN_AFTER, undefined, { signal: over.signal }).catch(() => {});
    }
  };
  try {
    const heard = once(socket, 'message', { signal });
    void send();
    const [reply] = (await heard) as [Buffer];
    return reply;
  } finally {
    over.abort();
    socket.close();
  }
}

describe('a real server of UDP', () => {
  for (const [name, { server, as, is }] of Object.entries(DATAGRAM_CASES)) {
    it.skipIf(!isInstalled(server))(`is known by its answer: ${name} (package ${server.package})`, async () => {
      const payload = PAYLOADS.find(({ ports }) => ports.includes(as))?.bytes;
      if (payload === undefined) throw new Error(`no payload for port ${as}`);
      const running = await runServer(server);
      try {
        const reply = await replyTo(payload, running.place.port, AbortSignal.timeout(START_WITHIN));
        const finding = { ...openFinding(as as PortNumber), protocol: 'udp' as const };
        expect(identifyReply(finding, reply).service).toMatchObject({ method: 'probed', ...is });
      } finally {
        await running[Symbol.asyncDispose]();
      }
    });
  }
});
