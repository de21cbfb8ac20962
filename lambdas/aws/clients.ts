import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';

/**
 * An AWS call that has not answered by then is lost: DynamoDB and SQS answer within some 10 ms. Four tries of 2 s and
 * the SDK's pauses between them stay within the time that a worker keeps back for writing.
 */
const PATIENCE = { connectionTimeout: 1_000, requestTimeout: 2_000 };
const TRIES = 3;

/** Sockets of each client: they come out of the descriptors that the worker's sockets leave. */
export const SOCKETS_PER_CLIENT = 16;

const config = {
  maxAttempts: TRIES,
  requestHandler: { ...PATIENCE, httpsAgent: { maxSockets: SOCKETS_PER_CLIENT, keepAlive: true } },
};

export const makeDynamoClient = (): DynamoDBClient => new DynamoDBClient(config);

/**
 * Without `useQueueUrlAsEndpoint: false` a message goes to the host in the queue's URL, whatever AWS_ENDPOINT_URL says:
 * under an emulator it would leave the machine.
 */
export const makeSqsClient = (): SQSClient => new SQSClient({ ...config, useQueueUrlAsEndpoint: false });
