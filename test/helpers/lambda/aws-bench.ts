import { CreateQueueCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { ulid } from 'ulid';
import { FUNCTION_SIZES } from '../../../cdk/function-sizes.ts';
import { makeRetention } from '../../../lambdas/aws/dynamo/retention.ts';
import { makeDynamoScanStore } from '../../../lambdas/aws/dynamo/scan-store.ts';
import { makeTable } from '../../../lambdas/aws/dynamo/table.ts';
import { MAX_RECEIVES } from '../../../shared/domain/limits.ts';
import type { ScanId } from '../../../shared/domain/units.ts';
import { systemClock } from '../../../shared/net/system-clock.ts';
import type { ScanStore } from '../../../shared/seams/scan-store.ts';
import { createTable, dynamoClientAt, startDynamoLocal } from '../aws/dynamo-local.ts';
import { NOBODY } from '../aws/emulator.ts';
import { type Ministack, startMinistack } from '../aws/ministack.ts';
import type { QueueUrls } from '../aws/sqs-chunk-queue.ts';
import { createQueues, sqsClientAt } from '../aws/sqs-queues.ts';
import { streamEvent, streamRecord } from './events.ts';
import { type FunctionProcess, type FunctionSpec, startFunction } from './function-process.ts';

/** DynamoDB Local, SQS, and the functions' bundles over them: the stack without what only deploys it. */
export interface AwsBench {
  readonly store: ScanStore;
  readonly sqs: SQSClient;
  readonly urls: QueueUrls;
  readonly ministack: Ministack;
  /** What every function is told. */
  readonly environment: Readonly<Record<string, string>>;
  /** A function as it was built, with Lambda's 1,024 descriptors and half a minute, unless the test says otherwise. */
  start(name: string, more?: Partial<FunctionSpec>): Promise<FunctionProcess>;
  /** Posts a scan through the API function, or through another one of its kind; gives its id. */
  submit(request: Readonly<Record<string, unknown>>, api?: FunctionProcess): Promise<ScanId>;
  /** What the table's stream would bring about: the aggregator runs over the scan. */
  aggregate(id: ScanId): Promise<void>;
  stop(): Promise<void>;
}

export interface LambdaBenchOptions {
  /** The folder of bundles. */
  readonly bundles: string;
  /** Networks that may be scanned; all of them loopback. */
  readonly scope: string;
  readonly workers: number;
}

const HALF_A_MINUTE = 30_000;

export async function startAwsBench({ bundles, scope, workers }: LambdaBenchOptions): Promise<AwsBench> {
  const [dynamo, ministack] = await Promise.all([startDynamoLocal(), startMinistack()]);
  const sqs = sqsClientAt(ministack.endpoint);
  const dynamoClient = dynamoClientAt(dynamo.endpoint);
  const table = ulid();
  await createTable(dynamoClient, table);
  const urls = await createQueues(sqs, MAX_RECEIVES);
  const { QueueUrl: ranges = '' } = await sqs.send(new CreateQueueCommand({ QueueName: `${table}-ranges` }));
  const environment = {
    ...NOBODY,
    AWS_ENDPOINT_URL: ministack.endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
    PORTFLEET_TABLE: table,
    PORTFLEET_RETENTION_DAYS: '1',
    PORTFLEET_DEPLOYMENT: 'test',
    PORTFLEET_CHUNK_QUEUE: urls.chunks,
    PORTFLEET_RANGE_QUEUE: ranges,
    PORTFLEET_MAX_CONCURRENCY: `${workers}`,
    PORTFLEET_SCOPE: scope,
    PORTFLEET_EMULATED_LOOPBACK: 'true',
  };
  const started: FunctionProcess[] = [];
  const start: AwsBench['start'] = async (name, more = {}) => {
    const standard = { folder: `${bundles}/${name}`, timeoutMillis: HALF_A_MINUTE, descriptors: 1_024 };
    const lambda = await startFunction({ ...standard, ...more, environment: { ...environment, ...more.environment } });
    started.push(lambda);
    return lambda;
  };
  const usualApi = await start('api');
  // It reads a whole scan, and has the time that the stack gives it.
  const aggregator = await start('aggregator', { timeoutMillis: FUNCTION_SIZES.aggregator.seconds * 1_000 });
  return {
    store: makeDynamoScanStore(makeTable(dynamoClient, table), makeRetention(1, systemClock), systemClock),
    sqs,
    urls,
    ministack,
    environment,
    start,
    submit: (request, api = usualApi) => submit(api, request),
    aggregate: async (id) => {
      await aggregator.invoke(streamEvent(streamRecord(id)));
    },
    stop: async () => {
      await Promise.all(started.map((lambda) => lambda.stop()));
      dynamoClient.destroy();
      sqs.destroy();
      await Promise.all([dynamo.stop(), ministack.stop()]);
    },
  };
}

/** The event of API Gateway's version 2.0, as far as anything reads it. */
async function submit(api: FunctionProcess, request: Readonly<Record<string, unknown>>): Promise<ScanId> {
  const http = { method: 'POST', path: '/scans', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' };
  const userArn = 'arn:aws:iam::111122223333:user/alice';
  const answer = await api.invoke({
    version: '2.0',
    rawPath: '/scans',
    rawQueryString: '',
    headers: { 'content-type': 'application/json', host: 'api.test' },
    requestContext: { http, domainName: 'api.test', authorizer: { iam: { userArn } } },
    body: JSON.stringify(request),
    isBase64Encoded: false,
  });
  const { statusCode, body } = (answer.kind === 'response' ? answer.value : {}) as {
    statusCode?: number;
    body?: string;
  };
  if (statusCode !== 202) throw new Error(`the API answered ${JSON.stringify(answer)}\n${api.output()}`);
  return (JSON.parse(body ?? '{}') as { scanId: ScanId }).scanId;
}
