import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import {
  AllocateAddressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DescribeNetworkInterfacesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { CreateLoadBalancerCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { makeAccountInventory } from '../../lambdas/aws/account-inventory.ts';
import { deployedPolicy } from '../../lambdas/deployed-policy.ts';
import type { Address } from '../../shared/domain/units.ts';
import { exposureNotes } from '../../shared/report/exposure.ts';
import { jsonReport } from '../../shared/report/formats/json.ts';
import type { Policy } from '../../shared/request/target-policy.ts';
import { type AccountInventory, WHOLE_ACCOUNT } from '../../shared/seams/account-inventory.ts';
import { NOBODY } from '../helpers/aws/emulator.ts';
import { type Ministack, startMinistack } from '../helpers/aws/ministack.ts';
import { awsToolsMissing } from '../helpers/aws/tools.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { makeMemoryScanStore } from '../helpers/memory-scan-store.ts';
import { closedPort } from '../helpers/ports.ts';
import { freshScanId } from '../helpers/sample-scan.ts';
import { sampleWatch } from '../helpers/sample-watch.ts';
import { watchedFleet } from '../helpers/watched-fleet.ts';

const missing = awsToolsMissing({ java: false, python: true });
if (missing) console.warn(`What an account has is not read: this ${missing}`);

const REGION = 'us-east-1';
const HERE = { regions: [REGION], tags: [] };

/** A listener on one of this machine's own addresses; gives its port. */
async function listenAt(host: string): Promise<number> {
  const server = createServer((socket) => socket.destroy()).listen(0, host);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const at = server.address();
  return typeof at === 'object' && at ? at.port : 0;
}

/**
 * The emulator gives its interfaces no IPv6 addresses. What stands before it adds them to what it says of one interface,
 * as EC2 has them; everything else goes through as it is.
 */
async function inFrontOfEc2(endpoint: string, id: string, addresses: readonly string[]): Promise<AccountInventory> {
  const items = addresses.map((each) => `<item><ipv6Address>${each}</ipv6Address></item>`).join('');
  const named = `<networkInterfaceId>${id}</networkInterfaceId>`;
  const proxy = createHttpServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { host: _, 'content-length': __, connection: ___, ...headers } = request.headers as Record<string, string>;
    const body = Buffer.concat(chunks);
    const answer = await fetch(`${endpoint}${request.url}`, { method: request.method ?? 'POST', headers, body });
    const text = (await answer.text()).replace(named, `${named}<ipv6AddressesSet>${items}</ipv6AddressesSet>`);
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/xml' }).end(text);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const at = proxy.address();
  const before = process.env['AWS_ENDPOINT_URL'];
  process.env['AWS_ENDPOINT_URL'] = `http://127.0.0.1:${typeof at === 'object' && at ? at.port : 0}`;
  onTestFinished(() => {
    process.env['AWS_ENDPOINT_URL'] = before;
    proxy.closeAllConnections();
    proxy.close();
  });
  return makeAccountInventory();
}

describe.skipIf(missing)('What an account has, as the emulator’s EC2 tells it,', () => {
  let ministack: Ministack;
  let ec2: EC2Client;
  const before = { ...process.env };
  beforeAll(async () => {
    ministack = await startMinistack();
    Object.assign(process.env, NOBODY, { AWS_ENDPOINT_URL: ministack.endpoint });
    ec2 = new EC2Client({ region: REGION });
  });
  afterAll(async () => {
    ec2.destroy();
    process.env = before;
    await ministack.stop();
  });

  type Rule = readonly [port: number, from: string];
  let groups = 0;

  /** A security group that lets these ports in, from the networks named. */
  async function group(...rules: readonly Rule[]): Promise<string> {
    groups += 1;
    const named = { GroupName: `group-${groups}`, Description: 'test' };
    const { GroupId = '' } = await ec2.send(new CreateSecurityGroupCommand(named));
    if (rules.length > 0) await letIn(GroupId, ...rules);
    return GroupId;
  }

  async function letIn(GroupId: string, ...rules: readonly Rule[]): Promise<void> {
    const IpPermissions = rules.map(([port, CidrIp]) => ({
      ...{ IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges: [{ CidrIp }] },
    }));
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  }

  async function networkInterface(Groups: string[], Description = ''): Promise<{ id: string; address: Address }> {
    const made = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: undefined, Groups, Description }));
    const id = made.NetworkInterface?.NetworkInterfaceId ?? '';
    const shown = await ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] }));
    return { id, address: (shown.NetworkInterfaces?.[0]?.Association?.PublicIp ?? '') as Address };
  }

  const tag = (id: string, Value: string) =>
    ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'env', Value }] }));

  it('are its interfaces, elastic addresses and load balancers, in every region or those that are named, by their tags', async () => {
    const account = makeAccountInventory();
    const plain = await networkInterface([await group([443, '0.0.0.0/0'])]);
    await tag(plain.id, 'prod');
    const { AllocationId = '', PublicIp } = await ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
    await tag(AllocationId, 'prod');
    const elb = new ElasticLoadBalancingV2Client({ region: REGION });
    const Tags = [{ Key: 'env', Value: 'prod' }];
    const made = await elb.send(new CreateLoadBalancerCommand({ Name: 'front', Subnets: ['subnet-1'], Tags }));
    const arn = made.LoadBalancers?.[0]?.LoadBalancerArn ?? '';
    elb.destroy();
    const balancer = await networkInterface(
      [await group([80, '0.0.0.0/0'])],
      `ELB ${arn.replace(/^.*:loadbalancer\//, '')}`,
    );
    const other = await networkInterface([await group([22, '10.0.0.0/8'])]);

    const tagged = await account.read({ regions: [REGION], tags: [{ key: 'env', value: 'prod' }] });
    expect(new Set(tagged.map(({ address }) => address))).toEqual(new Set([plain.address, PublicIp, balancer.address]));
    expect(tagged.find(({ address }) => address === plain.address)).toEqual({
      ...{ address: plain.address, resource: plain.id, region: REGION },
      allowed: [{ protocol: 'tcp', first: 443, last: 443, fromAnyone: true }],
    });
    expect(tagged.find(({ address }) => address === PublicIp)).toMatchObject({ resource: AllocationId, allowed: null });
    expect((await account.read(HERE)).map(({ address }) => address)).toContain(other.address);
    expect(await account.read({ regions: ['eu-central-1'], tags: [{ key: 'env', value: 'prod' }] })).toEqual([]);
    const all = await account.read(WHOLE_ACCOUNT);
    expect(all.map(({ address }) => address)).toEqual(
      expect.arrayContaining([plain.address, PublicIp, balancer.address]),
    );
  });

  it('has IPv6 addresses, whose ports are those that rules for IPv6 let in', async () => {
    const GroupId = await group([22, '0.0.0.0/0']);
    const v6 = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, Ipv6Ranges: [{ CidrIpv6: '::/0' }] };
    const peers = { IpProtocol: 'tcp', FromPort: 9000, ToPort: 9001, UserIdGroupPairs: [{ GroupId }] };
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [v6, peers] }));
    const dual = await networkInterface([GroupId], 'ELB app/dual/0123456789abcdef');
    const account = await inFrontOfEc2(ministack.endpoint, dual.id, ['2001:DB8:0::7', 'fd12::7']);
    const all = (await account.read(HERE)).filter(({ resource }) => resource === dual.id);
    const [ssh, tls] = [22, 443].map((port) => ({ protocol: 'tcp', first: port, last: port, fromAnyone: true }));
    const between = { protocol: 'tcp', first: 9000, last: 9001, fromAnyone: false };
    expect(all).toEqual([
      { address: dual.address, resource: dual.id, region: REGION, allowed: [ssh, between] },
      { address: '2001:db8::7', resource: dual.id, region: REGION, allowed: [tls, between] },
    ]);
  });

  /** A fleet that may scan exactly what the account has; loopback stands for the Internet here. */
  function ownFleet() {
    const policy: Policy = { ...deployedPolicy({ PORTFLEET_SCOPE: 'own' }), allowLoopback: true };
    const [clock, store] = [manualClock(), makeMemoryScanStore()];
    return { store, ...watchedFleet({ store, clock, policy, account: makeAccountInventory() }) };
  }

  it('is scanned under the scope "own", and nothing else is', async () => {
    const { address } = await networkInterface([await group([22, '0.0.0.0/0'])]);
    const { scans, store, work } = ownFleet();
    const refused = await scans.start(sampleWatch(), { targets: ['127.99.99.99'], ports: '1' }, freshScanId());
    expect(refused).toMatchObject({ ok: false, errors: [{ code: 'TARGET_FORBIDDEN' }] });
    const [watch, id] = [sampleWatch(), freshScanId()];
    expect(await scans.start(watch, { targets: [address], ports: '1' }, id)).toMatchObject({ ok: true });
    await work();
    expect((await store.readScan(id))?.summary).toMatchObject({ planned: 1, unprobed: {} });
  });

  it('shows what its security groups claim beside what answers', async () => {
    const [claims, shut] = [await group(), await closedPort()];
    const { id: resource, address } = await networkInterface([claims]);
    await tag(resource, 'claims');
    const [welcome, hidden] = [await listenAt(address), await listenAt(address)];
    await letIn(claims, [welcome, '0.0.0.0/0'], [shut, '10.0.0.0/8']);
    const { scans, store, work } = ownFleet();
    const request = { targets: [`aws:region=${REGION},tag:env=claims`], ports: `${welcome},${hidden},${shut}` };
    const id = freshScanId();
    expect(await scans.start(sampleWatch(), request, id)).toMatchObject({ ok: true });
    await work();
    const scan = (await store.readScan(id)) ?? expect.unreachable();
    expect(scan.request.targets).toEqual(request.targets);
    const options = { version: '0', now: scan.submittedAt, timeZone: 'UTC', openOnly: false, args: '' };
    const { hosts } = await jsonReport(await scans.report(scan), options);
    const securityGroups = { openNotAllowed: `${hidden}`, allowedNotOpen: `${shut}`, openToAnyone: `${welcome}` };
    expect(hosts).toMatchObject([{ address, account: { resource, region: REGION, securityGroups } }]);
    const text: string[] = [];
    for await (const host of (await scans.report(scan)).hosts) text.push(...exposureNotes(host, scan.plan.ports));
    expect(text).toEqual([
      `In the account it is ${resource} in ${REGION}`,
      `Open, and allowed by no security group: ${hidden}`,
      `Open, and allowed from anywhere: ${welcome}`,
      `Allowed by a security group, and nothing listens: ${shut}`,
    ]);
  });
});
