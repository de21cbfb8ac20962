import { NOBODY } from '../aws/emulator.ts';

/** Enough for every function to start; nothing in it leads anywhere. */
export const BARE_ENVIRONMENT = {
  ...NOBODY,
  AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
  PORTFLEET_TABLE: 'no-table',
  PORTFLEET_RETENTION_DAYS: '1',
  PORTFLEET_DEPLOYMENT: 'test',
  PORTFLEET_CHUNK_QUEUE: 'http://127.0.0.1:9/no-queue.fifo',
  PORTFLEET_RANGE_QUEUE: 'http://127.0.0.1:9/no-queue',
  PORTFLEET_MAX_CONCURRENCY: '2',
  PORTFLEET_ALERT_TOPIC: 'arn:aws:sns:us-east-1:000000000000:no-topic',
} as const;
