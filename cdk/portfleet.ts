import { fileURLToPath } from 'node:url';
import { Stack, Tags } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Grant as Grants } from 'aws-cdk-lib/aws-iam';
import type { FunctionUrl, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { Alarms } from './alarms.ts';
import { Budget } from './budget.ts';
import { Dashboard } from './dashboard.ts';
import { Fleet } from './fleet.ts';
import { HttpApi } from './http-api.ts';
import { Queues } from './queues.ts';
import { Receivers } from './receivers.ts';
import { ScanTable } from './scan-table.ts';
import { type Settings, settingsOf } from './settings.ts';

/** Everything has the default that docs/deploy.md names; nothing may be scanned unless `scope` says so. */
export interface PortfleetProps extends Partial<Settings> {
  /** The folder of the functions' bundles; left out, those of the package. */
  readonly bundles?: string;
  /** Tells this deployment from another one in the account's metrics; left out, the name of the stack. */
  readonly deployment?: string;
}

/** Where the package has the bundles: beside the bundle of this file. */
const packagedBundles = (): string => fileURLToPath(new URL('../lambdas', import.meta.url));

/**
 *   HTTP API ─▶ api ─▶ chunks (FIFO) ─▶ worker × N ─▶ table ─ stream ─▶ aggregator
 *                 │        ▲      └─ dead letters ─▶ dead-letter ─▶ table
 *                 └▶ ranges ─▶ splitter ┘   sweeper, every few minutes ─▶ ranges
 *                                           watcher, every minute, and by the stream ─▶ chunks, receivers
 */
export class Portfleet extends Construct {
  /** For --endpoint, or PORTFLEET_ENDPOINT. */
  readonly endpoint: string;
  /** Where reports of any size are fetched. */
  readonly reportEndpoint: string;
  readonly api: LambdaFunction;
  readonly worker: LambdaFunction;
  readonly watcher: LambdaFunction;
  readonly table: Table;
  /** Alarms are published here. */
  readonly topic: ITopic;
  /** What watches tell "sns" is published here. */
  readonly alertTopic: ITopic;
  readonly #gateway: HttpApi;
  readonly #reportUrl: FunctionUrl;

  /** @throws Error with everything that is wrong with the settings */
  constructor(scope: Construct, id: string, props: PortfleetProps = {}) {
    super(scope, id);
    const { bundles = packagedBundles(), deployment = Stack.of(this).stackName, ...given } = props;
    const settings = settingsOf((name) => given[name]);
    const { table } = new ScanTable(this, 'Scans', settings);
    const queues = new Queues(this, 'Queues');
    const receivers = new Receivers(this, 'Receivers', settings);
    const fleet = new Fleet(this, 'Fleet', { table, queues, receivers, settings, bundles, deployment });
    const { functions, sweep, watch, reportUrl } = fleet;
    this.#gateway = new HttpApi(this, 'HttpApi', { handler: functions.api.function, retain: settings.retain });
    const { api } = this.#gateway;
    const alarms = new Alarms(this, 'Alarms', { queues, functions, api, sweep, watch, deployment });
    new Dashboard(this, 'Overview', { alarms, queues, functions, deployment });
    if (settings.monthlyBudget !== null) {
      new Budget(this, 'Budget', { monthly: settings.monthlyBudget, topic: alarms.topic });
    }
    this.endpoint = this.#gateway.url;
    // Schemas of CloudFormation disagree on whether a dashboard bears tags.
    Tags.of(this).add('project', 'portfleet', { excludeResourceTypes: ['AWS::CloudWatch::Dashboard'] });
    this.#reportUrl = reportUrl;
    this.reportEndpoint = reportUrl.url;
    this.api = functions.api.function;
    this.worker = functions.worker.function;
    this.watcher = functions.watcher.function;
    this.table = table;
    this.topic = alarms.topic;
    this.alertTopic = receivers.topic;
  }

  /** Lets a principal call the API, and fetch reports: every path, every method. */
  grantInvoke(grantee: IGrantable): Grant {
    this.#reportUrl.grantInvokeUrl(grantee);
    const { apiId } = this.#gateway.api;
    const resource = Stack.of(this).formatArn({ service: 'execute-api', resource: apiId, resourceName: '*' });
    return Grants.addToPrincipal({ grantee, actions: ['execute-api:Invoke'], resourceArns: [resource] });
  }
}
