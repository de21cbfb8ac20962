import {
  ConditionalCheckFailedException,
  type ConsumedCapacity,
  type DynamoDBClient,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  type BatchWriteCommandInput,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { errorValue, PortfleetError } from '../../../shared/domain/errors.ts';

/** Where an item lies: the partition, and its place in it. */
export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** What an attribute of ours may hold. A set is one of numbers, and is never empty: DynamoDB has no empty sets. */
export type AttributeValue = string | number | Uint8Array | ReadonlySet<number>;

/** An item, with its key. What its readers take its attributes for is what their own writers have put there. */
export type Item<Attributes = Readonly<Record<string, AttributeValue | undefined>>> = ItemKey & Attributes;

/** A change of one item; `#name` and `:value` stand in the expressions as DynamoDB has them. */
export interface Change {
  readonly expression: string;
  readonly condition?: string;
  readonly names?: Record<string, string>;
  readonly values?: Readonly<Record<string, AttributeValue>>;
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

/** What can be due: `dueKind` and `dueAt` of an item are the keys of the index. */
export type DueKind = 'watch' | 'delivery';
export const DUE_INDEX = 'due';

/**
 * The few things that are asked of the table, always with a strongly consistent read but for `getCheaply`. What DynamoDB
 * cannot do at the moment becomes STORE_UNAVAILABLE; a condition that does not hold is an answer, not an error.
 */
export interface Table {
  get<Attributes>(key: ItemKey): Promise<Item<Attributes> | undefined>;
  /** Like `get` at half the price: it may miss what was written within the last second. */
  getCheaply<Attributes>(key: ItemKey): Promise<Item<Attributes> | undefined>;
  getAll<Attributes>(keys: readonly ItemKey[]): Promise<readonly Item<Attributes>[]>;
  /** False when the condition does not hold. */
  put(item: Item, condition?: Omit<Change, 'expression'>): Promise<boolean>;
  /** The item as it is now; undefined when the condition does not hold. */
  update<Attributes>(key: ItemKey, change: Change): Promise<Item<Attributes> | undefined>;
  query<Attributes>(pk: string, how?: TableQuery): AsyncGenerator<Item<Attributes>>;
  /** The keys of what is due by then, the longest due first, in one query; what was written just now may be missing. */
  due(kind: DueKind, at: number, limit: number): Promise<readonly ItemKey[]>;
  /** Puts all of them, or none; false where one of them is there already. */
  putNew(items: readonly Item[]): Promise<boolean>;
  putAll(items: readonly Item[]): Promise<void>;
  deleteAll(keys: readonly ItemKey[]): Promise<void>;
  /** Write units that all these calls have used so far, as DynamoDB counts them. */
  writeUnits(): number;
}

/** What DynamoDB takes in one call. */
const WRITES_PER_CALL = 25;
const READS_PER_CALL = 100;

/** DynamoDB hands back what it could not do under load; asked so often, with pauses of up to 1.6 s, it is down. */
const TRIES = 6;
const FIRST_PAUSE_MS = 50;

export function makeTable(dynamo: DynamoDBClient, TableName: string): Table {
  const client = DynamoDBDocumentClient.from(dynamo, { marshallOptions: { removeUndefinedValues: true } });
  const read = <Attributes>(Key: ItemKey, ConsistentRead: boolean) =>
    answered(async () => {
      const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead }));
      return Item as Item<Attributes> | undefined;
    });
  return {
    ...makeWrites(client, TableName),
    get: (key) => read(key, true),
    getCheaply: (key) => read(key, false),
    getAll: <Attributes>(keys: readonly ItemKey[]) => answered(() => getAll<Attributes>(client, TableName, keys)),
    query: (pk, how) => query(client, TableName, pk, how),
    due: (kind, at, limit) => answered(() => dueKeys(client, TableName, kind, at, limit)),
    putNew: (items) => answered(() => putNew(client, TableName, items)),
  };
}

type Writes = Pick<Table, 'put' | 'update' | 'putAll' | 'deleteAll' | 'writeUnits'>;

function makeWrites(client: DynamoDBDocumentClient, TableName: string): Writes {
  let units = 0;
  const count: CountUnits = (capacities) => {
    for (const capacity of capacities) units += capacity?.CapacityUnits ?? 0;
  };
  const all = (writes: WriteRequests): Promise<void> => writeAll(client, TableName, writes, count);
  return {
    put: (Item, condition) =>
      answered(async () => {
        const command = new PutCommand({ TableName, Item, ...COUNTED, ...conditionOf(condition) });
        const written = await unlessRefused(client.send(command));
        count([written?.ConsumedCapacity]);
        return written !== undefined;
      }),
    update: <Attributes>(Key: ItemKey, { expression, ...change }: Change) =>
      answered(async () => {
        const how = { UpdateExpression: expression, ReturnValues: 'ALL_NEW', ...COUNTED } as const;
        const written = await unlessRefused(
          client.send(new UpdateCommand({ TableName, Key, ...how, ...conditionOf(change) })),
        );
        count([written?.ConsumedCapacity]);
        return written?.Attributes as Item<Attributes> | undefined;
      }),
    putAll: (items) => all(items.map((Item) => ({ PutRequest: { Item } }))),
    deleteAll: (keys) => all(keys.map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } }))),
    writeUnits: () => units,
  };
}

type CountUnits = (capacities: readonly (ConsumedCapacity | undefined)[]) => void;

/** DynamoDB says with each answer what it counts. */
const COUNTED = { ReturnConsumedCapacity: 'TOTAL' } as const;

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

/**
 * Whatever is still thrown when the SDK has done its retries, as an error of the table of errors. A request that DynamoDB
 * finds wrong, or an item that is too large, is a mistake of ours, which no other try would mend.
 */
async function answered<Value>(call: () => Promise<Value>): Promise<Value> {
  try {
    return await call();
  } catch (error) {
    const name = error instanceof Error ? error.name : String(error);
    if (name === 'ValidationException') throw error;
    const detail = `The table of scans did not answer (${name}).`;
    throw new PortfleetError([errorValue('STORE_UNAVAILABLE', detail, { hint: 'Try again in a while.' })], {
      cause: error,
    });
  }
}

async function dueKeys(
  client: DynamoDBDocumentClient,
  TableName: string,
  kind: DueKind,
  at: number,
  Limit: number,
): Promise<ItemKey[]> {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName,
      IndexName: DUE_INDEX,
      KeyConditionExpression: 'dueKind = :kind AND dueAt <= :at',
      ExpressionAttributeValues: { ':kind': kind, ':at': at },
      ProjectionExpression: 'pk, sk',
      Limit,
    }),
  );
  return Items as ItemKey[];
}

async function putNew(client: DynamoDBDocumentClient, TableName: string, items: readonly Item[]): Promise<boolean> {
  const ConditionExpression = 'attribute_not_exists(pk)';
  const TransactItems = items.map((Item) => ({ Put: { TableName, Item, ConditionExpression } }));
  try {
    await client.send(new TransactWriteCommand({ TransactItems }));
    return true;
  } catch (error) {
    const reasons = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
    if (reasons.some(({ Code }) => Code === 'ConditionalCheckFailed')) return false;
    throw error;
  }
}

async function* query<Attributes>(
  client: DynamoDBDocumentClient,
  TableName: string,
  pk: string,
  { prefix, newestFirst = false, behind, limit, only }: TableQuery = {},
): AsyncGenerator<Item<Attributes>> {
  const names = only?.map((_, index) => `#${index}`);
  let from: Record<string, unknown> | undefined = behind === undefined ? undefined : { pk, sk: behind };
  let left = limit ?? Number.POSITIVE_INFINITY;
  do {
    const command: QueryCommand = new QueryCommand({
      TableName,
      ConsistentRead: true,
      KeyConditionExpression: prefix ? 'pk = :pk AND begins_with(sk, :prefix)' : 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk, ...(prefix && { ':prefix': prefix }) },
      ScanIndexForward: !newestFirst,
      ...(from && { ExclusiveStartKey: from }),
      ...(Number.isFinite(left) && { Limit: left }),
      ...(names && { ProjectionExpression: names.join(', ') }),
      ...(only && { ExpressionAttributeNames: Object.fromEntries(only.map((name, index) => [`#${index}`, name])) }),
    });
    const page = await answered(() => client.send(command));
    for (const item of page.Items ?? []) yield item as Item<Attributes>;
    left -= page.Items?.length ?? 0;
    from = page.LastEvaluatedKey;
  } while (from && left > 0);
}

async function getAll<Attributes>(
  client: DynamoDBDocumentClient,
  tableName: string,
  keys: readonly ItemKey[],
): Promise<Item<Attributes>[]> {
  const found: Item<Attributes>[] = [];
  for (const some of slices(keys, READS_PER_CALL)) {
    let left: Record<string, unknown>[] = some.map(({ pk, sk }) => ({ pk, sk }));
    for (let tries = 0; left.length > 0; tries++) {
      await pauseBefore(tries);
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetCommand({ RequestItems: { [tableName]: { Keys: left, ConsistentRead: true } } }),
      );
      found.push(...((Responses?.[tableName] ?? []) as Item<Attributes>[]));
      left = UnprocessedKeys?.[tableName]?.Keys ?? [];
    }
  }
  return found;
}

type WriteRequests = NonNullable<BatchWriteCommandInput['RequestItems']>[string];

async function writeAll(
  client: DynamoDBDocumentClient,
  tableName: string,
  writes: WriteRequests,
  count: CountUnits,
): Promise<void> {
  await answered(async () => {
    for (const some of slices(writes, WRITES_PER_CALL)) {
      let left: WriteRequests = [...some];
      for (let tries = 0; left.length > 0; tries++) {
        await pauseBefore(tries);
        const command = new BatchWriteCommand({ RequestItems: { [tableName]: left }, ...COUNTED });
        const { UnprocessedItems, ConsumedCapacity } = await client.send(command);
        count(ConsumedCapacity ?? []);
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
