/**
 * Numbers of the program that no other file can import, because they are private to theirs. A test holds each to the
 * line that it was copied from: `file` and the name of the constant.
 */
export const COPIED = {
  /** Splitters at once. */
  splitters: { file: 'cdk/fleet.ts', name: 'SPLITTERS', value: 20 },
  messagesPerCall: { file: 'lambdas/aws/sqs-chunk-queue.ts', name: 'MESSAGES_PER_CALL', value: 10 },
  /** Milliseconds between two writes of findings, and writes between two checkpoints. */
  flushEvery: { file: 'shared/usecases/run-chunk.ts', name: 'FLUSH_EVERY', value: 50 },
  flushesPerCheckpoint: { file: 'shared/usecases/run-chunk.ts', name: 'FLUSHES_PER_CHECKPOINT', value: 20 },
  /** Seen on the machine of the bench. */
  asksPerGbSecond: { file: 'shared/plan/estimate-cost.ts', name: 'ASKS_PER_GB_SECOND', value: 6_200 },
  /** Minutes between two sweeps. */
  sweepEvery: { file: 'cdk/fleet.ts', name: 'SWEEP_EVERY', value: 3 },
  /** Hours after which the alarm tells of a chunk that waits. */
  oldestMessage: { file: 'cdk/alarms.ts', name: 'OLDEST_MESSAGE', value: 12 },
  /** Reads of one round of a command that follows a scan: nodes of the tree, and chunks of one page of open ports. */
  nodesRead: { file: 'shared/usecases/read-progress.ts', name: 'NODES_READ', value: 32 },
  chunksPerPage: { file: 'shared/usecases/list-ports.ts', name: 'CHUNKS_PER_PAGE', value: 256 },
  /** Milliseconds between two rounds. */
  longestPause: { file: 'cli/remote/follow-remote.ts', name: 'LONGEST_PAUSE', value: 2_000 },
} as const satisfies Record<string, { readonly file: string; readonly name: string; readonly value: number }>;
