import { once } from 'node:events';
import { Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import type { Address, PortNumber } from '../../../shared/domain/units.ts';
import { nodeConnector } from '../../../shared/net/node-connector.ts';
import type { ConnectionEvent } from '../../../shared/seams/connector.ts';
import { openService, QUIET_LOOPBACK, silentPort } from '../../helpers/ports.ts';

/** A connection that is begun, the socket below it, and what it tells. */
function begin(address: string, port: PortNumber) {
  const connect = vi.spyOn(Socket.prototype, 'connect');
  const events: ConnectionEvent['kind'][] = [];
  const connection = nodeConnector.connect({ address: address as Address, port }, ({ kind }) => {
    events.push(kind);
  });
  const [socket] = connect.mock.contexts as Socket[];
  connect.mockRestore();
  if (!socket) throw new Error('there is no socket');
  return { connection, socket, events };
}

describe('A connection that is closed', () => {
  it.skipIf(process.platform !== 'linux')('is gone at once where no one answers, and holds no process up', async () => {
    await using silent = await silentPort();
    const { connection, socket, events } = begin('127.0.0.1', silent.port);
    expect(socket.connecting).toBe(true);
    connection.close();
    expect(socket.destroyed).toBe(true);
    await once(socket, 'close');
    expect(events).toEqual([]);
  });

  it('is gone once it stands, and the other end hears a reset', async () => {
    const heard: Promise<string | undefined>[] = [];
    await using server = await openService((socket) => {
      heard.push(new Promise((resolve) => socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))));
    });
    const { connection, socket } = begin(QUIET_LOOPBACK, server.port);
    await once(socket, 'connect');
    connection.close();
    expect(socket.destroyed).toBe(true);
    await vi.waitFor(() => expect(heard).toHaveLength(1), { timeout: 60_000 });
    expect(await heard[0]).toBe('ECONNRESET');
  });
});
