import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { errorValue, PortfleetError } from '../../shared/domain/errors.ts';
import { type Item, type ItemKey, keyItem, text } from './attributes.ts';

/** A change of one item; `#name` and `:value` stand in the expressions as DynamoDB has them. */
export interface Change {
  readonly expression: string;
  readonly condition?: string;
  readonly names?: Record<string, string>;
  readonly values?: Item;
}

export interface TableQuery {
  /** What the sort keys begin with. */
  readonly prefix?: string;
  readonly newestFirst?: boolean;
  /** The sort key to go on behind. */
  readonly behind?: string;
  /** Read no more items than this. */
  readonly limit?: number;
  /** Read only these attributes. */
  readonly only?: readonly string[];
}

/**
 * The few things that are asked of the table, always with a strongly consistent read but for `glance`. What DynamoDB cannot do at the
 * moment becomes STORE_UNAVAILABLE; a condition that does not hold is an answer, not an error.
 */
export interface Table {
  get(key: ItemKey): Promise<Item | undefined>;
  /** Like `get` at half the price: it may miss what was written within the last second. */
  glance(key: ItemKey): Promise<Item | undefined>;
  getAll(keys: readonly ItemKey[]): Promise<readonly Item[]>;
  /** False when the condition does not hold. */
  put(item: Item, condition?: Omit<Change, 'expression'>): Promise<boolean>;
  /** The item as it is now; undefined when the condition does not hold. */
  update(key: ItemKey, change: Change): Promise<Item | undefined>;
  query(pk: string, how?: TableQuery): AsyncGenerator<Item>;
  putAll(items: readonly Item[]): Promise<void>;
  deleteAll(keys: readonly ItemKey[]): Promise<void>;
}

/** What DynamoDB takes in one call. */
const WRITES_PER_CALL = 25;
const READS_PER_CALL = 100;

/** DynamoDB hands back what it could not do under load; asked so often, with pauses of up to 1.6 s, it is down. */
const TRIES = 6;
const FIRST_PAUSE_MS = 50;

export function makeTable(client: DynamoDBClient, tableName: string): Table {
  const TableName = tableName;
  const read = (key: ItemKey, ConsistentRead: boolean): Promise<Item | undefined> =>
    answered(async () => {
      const { Item } = await client.send(new GetItemCommand({ TableName, Key: keyItem(key), ConsistentRead }));
      return Item;
    });
  const table: Table = {
    get: (key) => read(key, true),
    glance: (key) => read(key, false),
    put: (item, condition) =>
      answered(async () => {
        const command = new PutItemCommand({ TableName, Item: item, ...conditionOf(condition) });
        return (await unlessRefused(client.send(command))) !== undefined;
      }),
    update: (key, change) =>
      answered(async () => {
        const command = new UpdateItemCommand({
          TableName,
          Key: keyItem(key),
          UpdateExpression: change.expression,
          ReturnValues: 'ALL_NEW',
          ...conditionOf(change),
        });
        return (await unlessRefused(client.send(command)))?.Attributes;
      }),
    getAll: (keys) => answered(() => getAll(client, tableName, keys)),
    query: (pk, how) => query(client, tableName, pk, how),
    putAll: (items) =>
      writeAll(
        client,
        tableName,
        items.map((Item) => ({ PutRequest: { Item } })),
      ),
    deleteAll: (keys) =>
      writeAll(
        client,
        tableName,
        keys.map((key) => ({ DeleteRequest: { Key: keyItem(key) } })),
      ),
  };
  return table;
}

const conditionOf = ({ condition, names, values }: Omit<Change, 'expression'> = {}) => ({
  ...(condition && { ConditionExpression: condition }),
  ...(names && { ExpressionAttributeNames: names }),
  ...(values && { ExpressionAttributeValues: values }),
});

/** Undefined where the condition of the write did not hold. */
async function unlessRefused<Output>(sending: Promise<Output>): Promise<Output | undefined> {
  try {
    return await sending;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}

/** Whatever is still thrown when the SDK has done its retries, as a fault of the table of errors. */
async function answered<Value>(asking: () => Promise<Value>): Promise<Value> {
  try {
    return await asking();
  } catch (error) {
    const name = error instanceof Error ? error.name : String(error);
    const detail = `The table of scans did not answer (${name}).`;
    throw new PortfleetError([errorValue('STORE_UNAVAILABLE', detail, { hint: 'Try again in a while.' })], {
      cause: error,
    });
  }
}

async function* query(
  client: DynamoDBClient,
  TableName: string,
  pk: string,
  { prefix, newestFirst = false, behind, limit, only }: TableQuery = {},
): AsyncGenerator<Item> {
  const names = only?.map((_, index) => `#${index}`);
  let from: Item | undefined = behind === undefined ? undefined : keyItem({ pk, sk: behind });
  let left = limit ?? Number.POSITIVE_INFINITY;
  do {
    const command: QueryCommand = new QueryCommand({
      TableName,
      ConsistentRead: true,
      KeyConditionExpression: prefix ? 'pk = :pk AND begins_with(sk, :prefix)' : 'pk = :pk',
      ExpressionAttributeValues: { ':pk': text(pk), ...(prefix && { ':prefix': text(prefix) }) },
      ScanIndexForward: !newestFirst,
      ...(from && { ExclusiveStartKey: from }),
      ...(Number.isFinite(left) && { Limit: left }),
      ...(names && { ProjectionExpression: names.join(', ') }),
      ...(only && { ExpressionAttributeNames: Object.fromEntries(only.map((name, index) => [`#${index}`, name])) }),
    });
    const page = await answered(() => client.send(command));
    for (const item of page.Items ?? []) yield item;
    left -= page.Items?.length ?? 0;
    from = page.LastEvaluatedKey;
  } while (from && left > 0);
}

async function getAll(client: DynamoDBClient, tableName: string, keys: readonly ItemKey[]): Promise<Item[]> {
  const found: Item[] = [];
  for (const some of slices(keys, READS_PER_CALL)) {
    let left: Item[] = some.map(keyItem);
    for (let tries = 0; left.length > 0; tries++) {
      await pauseBefore(tries);
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys: left, ConsistentRead: true } } }),
      );
      found.push(...(Responses?.[tableName] ?? []));
      left = UnprocessedKeys?.[tableName]?.Keys ?? [];
    }
  }
  return found;
}

async function writeAll(client: DynamoDBClient, tableName: string, writes: readonly WriteRequest[]): Promise<void> {
  await answered(async () => {
    for (const some of slices(writes, WRITES_PER_CALL)) {
      let left: WriteRequest[] = [...some];
      for (let tries = 0; left.length > 0; tries++) {
        await pauseBefore(tries);
        const { UnprocessedItems } = await client.send(
          new BatchWriteItemCommand({ RequestItems: { [tableName]: left } }),
        );
        left = UnprocessedItems?.[tableName] ?? [];
      }
    }
  });
}

function* slices<Value>(values: readonly Value[], size: number): Generator<readonly Value[]> {
  for (let from = 0; from < values.length; from += size) yield values.slice(from, from + size);
}

async function pauseBefore(tries: number): Promise<void> {
  if (tries === 0) return;
  if (tries >= TRIES) throw new Error('Unprocessed');
  await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS * 2 ** (tries - 1)));
}
