import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';

/**
 * DynamoDB and SQS answer within some 10 ms: a call that has not after 1.5 s is lost. Three tries of that, and the SDK's
 * pauses between them, are the 5 s that a worker keeps for writing. Without `throwOnRequestTimeout` the SDK would only
 * warn, and wait for as long as the function lives.
 */
export const PATIENCE = { connectionTimeout: 1_000, requestTimeout: 1_500, throwOnRequestTimeout: true };
const TRIES = 3;

/** Sockets of each client: they come out of the descriptors that the worker's sockets leave. */
export const SOCKETS_PER_CLIENT = 16;

export const config = {
  maxAttempts: TRIES,
  requestHandler: { ...PATIENCE, httpsAgent: { maxSockets: SOCKETS_PER_CLIENT, keepAlive: true } },
};

export const makeDynamoClient = (): DynamoDBClient => new DynamoDBClient(config);

/**
 * Without `useQueueUrlAsEndpoint: false` a message goes to the host in the queue's URL, whatever AWS_ENDPOINT_URL says:
 * under an emulator it would leave the machine.
 */
export const makeSqsClient = (): SQSClient => new SQSClient({ ...config, useQueueUrlAsEndpoint: false });

/**
 * Importing fifty findings takes a service some seconds at times; what comes to nothing after three tries is told again,
 * so one of them may wait longer than the tables and queues.
 */
export const TELLING = { ...config, requestHandler: { ...config.requestHandler, requestTimeout: 5_000 } };
