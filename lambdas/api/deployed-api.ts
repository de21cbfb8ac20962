import { randomInt } from 'node:crypto';
import type { APIGatewayProxyEventV2WithIAMAuthorizer } from 'aws-lambda';
import { monotonicFactory } from 'ulid';
import packageJson from '../../package.json' with { type: 'json' };
import type { ApiDeps } from '../../shared/api/api-deps.ts';
import { SLOWEST_FLEET_RATE } from '../../shared/domain/limits.ts';
import type { Submitter } from '../../shared/domain/scan.ts';
import { type ScanId, seed } from '../../shared/domain/units.ts';
import { systemResolver } from '../../shared/net/system-resolver.ts';
import type { Resolver } from '../../shared/seams/resolver.ts';
import { startScan } from '../../shared/usecases/send-chunks.ts';
import { makeDynamoCallerStore } from '../aws/dynamo/caller-store.ts';
import { makePartitionReads } from '../aws/dynamo/partition-reads.ts';
import { countActive } from '../aws/dynamo/scans.ts';
import { makeUsageStore } from '../aws/dynamo/usage.ts';
import { makeSqsChunkSender, makeSqsRangeQueue, messagesInFlight } from '../aws/sqs-senders.ts';
import { deployedFleet, FLEET_PRICES } from '../deployed-fleet.ts';
import { deployedPolicy } from '../deployed-policy.ts';
import { deployedWatching } from '../deployed-watches.ts';
import type { Environment } from '../env.ts';
import { lazyAccount } from '../lazy-account.ts';
import { makeParts } from '../parts.ts';
import { makeSweepRecords } from '../sweeper/dynamo-sweep-records.ts';
import { makeSendAgain } from '../sweeper/send-again.ts';
import { chunksHeld } from './chunks-held.ts';

/** A function may answer 6 MB, and the answer travels as a JSON string, in which a character may become two. */
const MOST_ANSWER_BYTES = 3 * 2 ** 20;

/** What the API of a deployment is made of; the function for reports is made of the same. */
export function apiDeps(environment: Environment): ApiDeps {
  const { env, sqs, table, retention, ...parts } = makeParts(environment);
  const chunks = env.text('PORTFLEET_CHUNK_QUEUE');
  const queue = makeSqsChunkSender(sqs, chunks);
  const ranges = makeSqsRangeQueue(sqs, env.text('PORTFLEET_RANGE_QUEUE'));
  const fleet = deployedFleet(env);
  const mostPerTarget = env.wholeOrNull('PORTFLEET_RATE_PER_TARGET');
  const quota = {
    secondsPerDay: env.wholeOrNull('PORTFLEET_DAILY_WORKER_SECONDS'),
    probesPerDay: env.wholeOrNull('PORTFLEET_DAILY_PROBES'),
    scansAtOnce: env.wholeOrNull('PORTFLEET_SCANS_AT_ONCE'),
  };
  const usage = makeUsageStore(table, retention);
  const inside = env.textOrNone('PORTFLEET_RESOLVER');
  env.check();
  const nextUlid = monotonicFactory();
  const inFlight = () => messagesInFlight(sqs, chunks);
  return {
    ...parts,
    wholeReads: () => makePartitionReads(table),
    callers: makeDynamoCallerStore(table, retention),
    quota,
    submit: (scan) => startScan(scan, { ...parts, queue, ranges, fleet, usage, activeScans: () => countActive(table) }),
    sendAgain: makeSendAgain({ records: makeSweepRecords(table, retention), ranges, usage, clock: parts.clock }),
    // What stands still is found and sent again by the sweeper.
    wake: async () => false,
    chunksHeld: (scan) => chunksHeld(scan, { ...parts, table, inFlight: () => inFlight().catch(() => null) }),
    resolver: inside === '' ? systemResolver : workerResolver(inside),
    policy: deployedPolicy(environment),
    ...(environment['PORTFLEET_ACCOUNT'] === 'true' && { account: lazyAccount() }),
    fleet,
    mostPerTarget,
    leastPerTarget: SLOWEST_FLEET_RATE,
    newId: () => nextUlid() as ScanId,
    newSeed: () => seed(randomInt(2 ** 32)),
    submitterOf,
    prices: FLEET_PRICES,
    usage,
    mostAnswerBytes: MOST_ANSWER_BYTES,
    watching: deployedWatching(environment, table, parts.clock),
    version: packageJson.version,
  };
}

/** What hono hands on of a request; with IAM on every route there is always a principal. */
interface HonoEnvironment {
  readonly event: Pick<APIGatewayProxyEventV2WithIAMAuthorizer, 'requestContext'>;
}

/** Everyone whom API Gateway lets in without a name, which an emulator does: one caller, with one quota. */
const NAMELESS = 'unknown';

/** Who asks, by the signature that API Gateway has checked. */
function submitterOf(environment: unknown): Submitter {
  const { http, authorizer } = (environment as HonoEnvironment).event.requestContext;
  return { caller: authorizer?.iam?.userArn ?? NAMELESS, sourceAddress: http?.sourceIp ?? null };
}

/** The client of Lambda is loaded with the first name that is resolved inside of a VPC; other deployments never need it. */
const workerResolver = (worker: string): Resolver => ({
  async resolve(name) {
    const { makeLambdaClient, makeWorkerResolver } = await import('./worker-resolver.ts');
    return makeWorkerResolver(makeLambdaClient(), worker).resolve(name);
  },
});
