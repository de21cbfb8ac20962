import {
  DescribeAddressesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRegionsCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  type IpPermission,
  type NetworkInterface,
  type Tag,
} from '@aws-sdk/client-ec2';
import {
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { AccountAddress, AllowedPorts } from '../../shared/domain/account.ts';
import { type Family, familyOf, pointOf } from '../../shared/domain/addresses/address-line.ts';
import { canonicalAddress } from '../../shared/domain/addresses/address-set.ts';
import type { Protocol } from '../../shared/domain/probe.ts';
import type { Address } from '../../shared/domain/units.ts';
import type { AccountInventory, InventoryFilter } from '../../shared/seams/account-inventory.ts';
import { config, PATIENCE } from './clients.ts';

/** Describing a region with thousands of interfaces takes seconds, page by page. */
const READING = { ...config, requestHandler: { ...config.requestHandler, ...PATIENCE, requestTimeout: 5_000 } };

/** What EC2 gives at once. */
const PAGE = 1_000;

/**
 * The public addresses of the account, of both families. A load balancer's are those of its interfaces, which the
 * account's list of interfaces has, under a description with the balancer's name but without its tags.
 */
export const makeAccountInventory = (): AccountInventory => ({
  read: async (filter) => {
    const regions = filter.regions.length > 0 ? filter.regions : await enabledRegions();
    return (await Promise.all(regions.map((region) => readRegion(region, filter)))).flat();
  },
});

async function enabledRegions(): Promise<string[]> {
  const { Regions = [] } = await new EC2Client(READING).send(new DescribeRegionsCommand({}));
  return Regions.flatMap(({ RegionName }) => RegionName ?? []);
}

async function readRegion(region: string, { tags }: InventoryFilter): Promise<AccountAddress[]> {
  const ec2 = new EC2Client({ ...READING, region });
  try {
    const [interfaces, { Addresses = [] }] = await Promise.all([
      interfacesOf(ec2),
      ec2.send(new DescribeAddressesCommand({})),
    ]);
    const balancers = tags.length > 0 ? await balancersWith(region, tags) : new Set<string>();
    // An elastic address may bear the tags that its interface lacks.
    const tagged = new Set(
      Addresses.flatMap(({ Tags = [], PublicIp }) => (hasTags(Tags, tags) ? ((PublicIp as Address) ?? []) : [])),
    );
    const used = interfaces.map((each) => ({ ...each, addresses: publicAddresses(each) }));
    const inUse = new Set(used.flatMap(({ addresses }) => addresses));
    const meant = used.filter(
      ({ TagSet = [], Description = '', addresses }) =>
        hasTags(TagSet, tags) || balancers.has(balancerOf(Description)) || addresses.some((each) => tagged.has(each)),
    );
    const groups = await rulesOf(ec2, meant);
    return [
      ...meant.flatMap((each) => interfaceAddresses(each, region, groups)),
      ...Addresses.flatMap(({ PublicIp, AllocationId = '' }): AccountAddress[] => {
        const address = PublicIp as Address;
        if (!tagged.has(address) || inUse.has(address)) return [];
        return [{ address, resource: AllocationId, region, allowed: null }];
      }),
    ];
  } finally {
    ec2.destroy();
  }
}

/** Unique local addresses lead nowhere but to the account's own networks. */
const isPrivate = (ipv6: string): boolean => /^f[cd]/i.test(ipv6);

/** An interface may have an elastic address for each of its private ones. Every global IPv6 address is a public one. */
function publicAddresses({ Association, PrivateIpAddresses = [], Ipv6Addresses = [] }: NetworkInterface): Address[] {
  const ipv4 = [Association, ...PrivateIpAddresses.map((each) => each.Association)].map((each) => each?.PublicIp);
  const ipv6 = Ipv6Addresses.map(({ Ipv6Address }) => Ipv6Address && !isPrivate(Ipv6Address) && Ipv6Address);
  return [...new Set([...ipv4, ...ipv6].flatMap((each) => canonicalAddress(each || '') ?? []))];
}

async function interfacesOf(ec2: EC2Client): Promise<NetworkInterface[]> {
  const all: NetworkInterface[] = [];
  let NextToken: string | undefined;
  do {
    const page = await ec2.send(new DescribeNetworkInterfacesCommand({ MaxResults: PAGE, NextToken }));
    all.push(...(page.NetworkInterfaces ?? []));
    NextToken = page.NextToken;
  } while (NextToken);
  return all;
}

type WantedTags = InventoryFilter['tags'];

const hasTags = (has: readonly Tag[], wanted: WantedTags): boolean =>
  wanted.every(({ key, value }) => has.some(({ Key, Value }) => Key === key && Value === value));

/** "ELB app/web/0123456789abcdef": the end of the ARN of the balancer that an interface belongs to. */
const balancerOf = (description: string): string => description.replace(/^ELB /, '');

/** Tags are asked for twenty balancers at a time. */
const TAGS_AT_ONCE = 20;

async function balancersWith(region: string, tags: WantedTags): Promise<Set<string>> {
  const client = new ElasticLoadBalancingV2Client({ ...READING, region });
  const arns: string[] = [];
  let Marker: string | undefined;
  do {
    const page = await client.send(new DescribeLoadBalancersCommand({ Marker }));
    arns.push(...(page.LoadBalancers ?? []).flatMap(({ LoadBalancerArn }) => LoadBalancerArn ?? []));
    Marker = page.NextMarker;
  } while (Marker);
  const found = new Set<string>();
  for (let from = 0; from < arns.length; from += TAGS_AT_ONCE) {
    const ResourceArns = arns.slice(from, from + TAGS_AT_ONCE);
    const { TagDescriptions = [] } = await client.send(new DescribeTagsCommand({ ResourceArns }));
    for (const { ResourceArn = '', Tags = [] } of TagDescriptions) {
      if (hasTags(Tags, tags)) found.add(ResourceArn.replace(/^.*:loadbalancer\//, ''));
    }
  }
  client.destroy();
  return found;
}

type Rules = ReadonlyMap<string, readonly IpPermission[]>;

/** EC2 takes so many ids in one call. */
const GROUPS_AT_ONCE = 200;

async function rulesOf(ec2: EC2Client, interfaces: readonly NetworkInterface[]): Promise<Rules> {
  const ids = [...new Set(interfaces.flatMap(({ Groups = [] }) => Groups.flatMap(({ GroupId }) => GroupId ?? [])))];
  const rules = new Map<string, IpPermission[]>();
  for (let from = 0; from < ids.length; from += GROUPS_AT_ONCE) {
    const GroupIds = ids.slice(from, from + GROUPS_AT_ONCE);
    const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds }));
    for (const { GroupId = '', IpPermissions = [] } of SecurityGroups) rules.set(GroupId, IpPermissions);
  }
  return rules;
}

const EVERY_PORT = 65_535;

/**
 * TCP and UDP that one rule lets in to an address of that family; "-1" is every protocol with every port. Sources that are
 * groups or lists of prefixes may have addresses of both.
 */
function allowedBy(rule: IpPermission, family: Family): AllowedPorts[] {
  const { IpProtocol, FromPort, ToPort, IpRanges = [], Ipv6Ranges = [] } = rule;
  const { UserIdGroupPairs = [], PrefixListIds = [] } = rule;
  const networks = family === 4 ? IpRanges.map(({ CidrIp }) => CidrIp) : Ipv6Ranges.map(({ CidrIpv6 }) => CidrIpv6);
  if (networks.length + UserIdGroupPairs.length + PrefixListIds.length === 0) return [];
  const fromAnyone = networks.includes(family === 4 ? '0.0.0.0/0' : '::/0');
  const of = (protocol: Protocol, first = 0, last = EVERY_PORT): AllowedPorts => ({
    protocol,
    first,
    last,
    fromAnyone,
  });
  if (IpProtocol === '-1') return [of('tcp'), of('udp')];
  return IpProtocol === 'tcp' || IpProtocol === 'udp' ? [of(IpProtocol, FromPort, ToPort)] : [];
}

function interfaceAddresses(
  { NetworkInterfaceId = '', addresses, Groups = [] }: NetworkInterface & { readonly addresses: readonly Address[] },
  region: string,
  rules: Rules,
): AccountAddress[] {
  const permissions = Groups.flatMap(({ GroupId = '' }) => rules.get(GroupId) ?? []);
  return addresses.map((address) => {
    const family = familyOf(pointOf(address));
    const allowed = Groups.length === 0 ? null : permissions.flatMap((rule) => allowedBy(rule, family));
    return { address, resource: NetworkInterfaceId, region, allowed };
  });
}
