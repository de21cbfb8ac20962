import { Duration } from 'aws-cdk-lib';
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { CHUNK_VISIBILITY_SECONDS, MAX_DELIVERIES, MAX_RECEIVES } from '../shared/domain/limits.ts';
import { SPLITTER_SECONDS } from './function-sizes.ts';

/** As long as SQS keeps anything: a large scan of a slow target may wait for days. */
const RETENTION = Duration.days(14);

const COMMON: QueueProps = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, retentionPeriod: RETENTION };

/**
 * FIFO, because a message group is what holds the rate of a target: SQS never runs two messages of one group at once.
 * With the limits by group instead of by queue, groups do not slow each other down.
 */
const FIFO: QueueProps = {
  ...COMMON,
  fifo: true,
  deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
  fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
};

/** Chunks for the workers, ranges of chunks for the splitter, and the dead letters of each. */
export class Queues extends Construct {
  readonly chunks: Queue;
  readonly deadLetters: Queue;
  readonly ranges: Queue;
  readonly deadRanges: Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.deadLetters = new Queue(this, 'DeadLetters', { ...FIFO, visibilityTimeout: visibilityFor(SPLITTER_SECONDS) });
    this.chunks = new Queue(this, 'Chunks', {
      ...FIFO,
      visibilityTimeout: Duration.seconds(CHUNK_VISIBILITY_SECONDS),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVES },
    });
    this.deadRanges = new Queue(this, 'DeadRanges', COMMON);
    this.ranges = new Queue(this, 'Ranges', {
      ...COMMON,
      visibilityTimeout: visibilityFor(SPLITTER_SECONDS),
      deadLetterQueue: { queue: this.deadRanges, maxReceiveCount: MAX_DELIVERIES },
    });
  }
}

/** AWS wants six times what the function may run. */
const visibilityFor = (seconds: number): Duration => Duration.seconds(6 * seconds);
