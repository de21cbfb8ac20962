import { wholeStore } from '../../shared/api/api-deps.ts';
import type { ScanId } from '../../shared/domain/units.ts';
import { prohibitions } from '../../shared/request/target-policy.ts';
import { apiDeps } from '../api/deployed-api.ts';
import { makeScanLinks } from '../aws/dynamo/scan-links.ts';
import { makeDynamoWatchStore } from '../aws/dynamo/watch-store.ts';
import { receiverPolicy } from '../deployed-policy.ts';
import { alwaysTold, EVENTS, SECURITY_HUB } from '../deployed-watches.ts';
import type { Environment } from '../env.ts';
import { invocation, makeParts } from '../parts.ts';
import type { AccountEvents } from './account-services.ts';
import { makeHandler, type WatcherDeps } from './handler.ts';
import { makeDeployedSender, type TellService } from './send-message.ts';
import { makeDeployedWatchScans } from './watch-scans.ts';

/** Made when there is something to tell: most invocations look, find nothing, and end. */
function lazily<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => (made ??= make());
}

function watcherDeps(environment: Environment): WatcherDeps {
  const { env, metrics, table, retention, ...parts } = makeParts(environment);
  const [topic, bus] = [env.text('PORTFLEET_ALERT_TOPIC'), env.textOrNone('PORTFLEET_EVENT_BUS')];
  const [product, deployment] = [env.textOrNone('PORTFLEET_SECURITY_HUB'), env.text('PORTFLEET_DEPLOYMENT')];
  env.check();
  const api = apiDeps(environment);
  const services = () => import('./account-services.ts');
  const sns = lazily(async () => (await services()).makeTopic(topic));
  const events = lazily(async (): Promise<AccountEvents> => (await services()).makeAccountEvents(bus, deployment));
  const hub = lazily(async () => (await import('./security-findings.ts')).makeSecurityHub(product));
  const via =
    (made: () => Promise<TellService>): TellService =>
    async (delivery) =>
      (await made())(delivery);
  const watches = makeDynamoWatchStore(table);
  const links = makeScanLinks(table, retention);
  const allows = prohibitions(receiverPolicy(environment));
  return {
    ...parts,
    watches,
    links,
    scans: makeDeployedWatchScans({ ...api, links, wholeStore: () => wholeStore(api) }),
    newId: (): ScanId => api.newId(),
    alwaysTold: alwaysTold(environment),
    announce: bus === '' ? null : async (scan) => (await events()).scanEnded(scan),
    send: makeDeployedSender({
      watches,
      clock: parts.clock,
      allows: (address) => allows(address) === undefined,
      services: {
        sns: via(sns),
        ...(bus !== '' && { [EVENTS]: via(async () => (await events()).watchChanged) }),
        ...(product !== '' && { [SECURITY_HUB]: via(hub) }),
      },
    }),
    onGivenUp: () => metrics.count({ AlertsGivenUp: 1 }),
  };
}

export const handler = invocation.within(makeHandler(watcherDeps(process.env)));
