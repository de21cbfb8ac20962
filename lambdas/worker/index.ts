import type { Context, SQSEvent } from 'aws-lambda';
import { WORKER_SOCKETS } from '../../shared/domain/limits.ts';
import { makeReverseResolver } from '../../shared/net/dns-resolver.ts';
import { nodeConnector } from '../../shared/net/node-connector.ts';
import { netProber } from '../../shared/net/prober.ts';
import { systemResolver } from '../../shared/net/system-resolver.ts';
import { DUAL_STACK_EGRESS, LAMBDA_EGRESS } from '../../shared/request/egress-restrictions.ts';
import { makeNameFinder } from '../../shared/usecases/find-names.ts';
import { makeUsageStore } from '../aws/dynamo/usage.ts';
import { makeRecordQueue } from '../aws/sqs-senders.ts';
import { deployedPolicy } from '../deployed-policy.ts';
import type { Environment } from '../env.ts';
import { keptAccount, lazyAccount } from '../lazy-account.ts';
import { invocation, makeParts } from '../parts.ts';
import { makeHandler, type WorkerDeps } from './handler.ts';
import { isResolveRequest, type ResolveRequest, resolveHere } from './resolve.ts';

// A refused port makes Node build an error; its stack is never read, and capturing it costs more than the connect.
Error.stackTraceLimit = 0;

function workerDeps(environment: Environment): WorkerDeps {
  const { env, sqs, table, retention, ...parts } = makeParts(environment);
  const queue = makeRecordQueue(sqs, env.text('PORTFLEET_CHUNK_QUEUE'));
  env.check();
  return {
    ...parts,
    queue,
    prober: netProber,
    connector: nodeConnector,
    names: makeNameFinder(makeReverseResolver(), parts.clock),
    policy: deployedPolicy(environment),
    resolver: systemResolver,
    ...(environment['PORTFLEET_ACCOUNT'] === 'true' && { account: keptAccount(lazyAccount(), parts.clock) }),
    egress: env.flag('PORTFLEET_IPV6') ? DUAL_STACK_EGRESS : LAMBDA_EGRESS,
    sockets: WORKER_SOCKETS,
    usage: makeUsageStore(table, retention),
    writeUnits: table.writeUnits,
    startMillis: performance.now(),
    random: Math.random,
  };
}

const work = makeHandler(workerDeps(process.env));

export const handler = invocation.within((event: SQSEvent | ResolveRequest, context: Context) =>
  isResolveRequest(event) ? resolveHere(event, systemResolver) : work(event, context),
);
