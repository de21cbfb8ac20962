import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { makeDynamoClient, makeSqsClient } from '../../../lambdas/aws/clients.ts';
import { makeTable } from '../../../lambdas/aws/dynamo/table.ts';
import { NOBODY } from '../../helpers/aws/emulator.ts';
import { openService, QUIET_LOOPBACK } from '../../helpers/ports.ts';

/** Every AWS call of this process goes there from now on. */
function spokenToAt(port: number): void {
  for (const [name, value] of Object.entries(NOBODY)) vi.stubEnv(name, value);
  vi.stubEnv('AWS_ENDPOINT_URL', `http://${QUIET_LOOPBACK}:${port}`);
  onTestFinished(() => void vi.unstubAllEnvs());
}

describe('The clients of AWS', () => {
  it('give a call up that is never answered, after three tries, in words of the table of errors', async () => {
    let connections = 0;
    await using deaf = await openService((socket) => {
      connections += 1;
      socket.resume();
    });
    spokenToAt(deaf.port);
    const client = makeDynamoClient();
    onTestFinished(() => client.destroy());
    const asking = makeTable(client, 'deaf').get({ pk: 'a', sk: 'b' });
    await expect(asking).rejects.toMatchObject({
      errors: [{ code: 'STORE_UNAVAILABLE', detail: expect.stringContaining('TimeoutError') }],
    });
    expect(connections).toBe(3);
  });

  it("send what is for a queue where AWS is spoken to, not to the host that the queue's URL names", async () => {
    const asked: string[] = [];
    await using answering = await openService((socket) => {
      socket.on('data', (bytes) => {
        asked.push(/^host: (.*)$/im.exec(`${bytes}`)?.[1] ?? '');
        socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: 2\r\n\r\n{}');
      });
    });
    spokenToAt(answering.port);
    const client = makeSqsClient();
    onTestFinished(() => client.destroy());
    const QueueUrl = 'https://sqs.us-east-1.amazonaws.com/000000000000/elsewhere.fifo';
    await client.send(new GetQueueAttributesCommand({ QueueUrl }));
    expect(asked).toEqual([`${QUIET_LOOPBACK}:${answering.port}`]);
  });
});
