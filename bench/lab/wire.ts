import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { compiled } from './compile.ts';
import { type LineProcess, startLineProcess } from './line-process.ts';
import { runCommand } from './run-command.ts';

export interface WireOptions {
  /** Round-trip time in milliseconds; half of it each way. */
  readonly rtt?: number;
  /** Percent of the packets lost at random, each way on its own. */
  readonly loss?: number;
  /** Packets a second, each way; what is over 50 ms' worth of them at once is dropped. 0 is no cap. */
  readonly cap?: number;
  /** Decides which packets are lost, the same in every run. */
  readonly seed?: number;
}

/** The addresses of one lab. Both ranges are kept for benchmarks (RFC 2544, RFC 5180), so that no real host has them. */
export interface WirePlan {
  readonly nearDevice: string;
  readonly nearAddress: string;
  readonly nearAddress6: string;
  /** The far end answers for all of it: 1,024 addresses. */
  readonly network: string;
  readonly network6: string;
  /** The nth address of it, of either family. */
  readonly at: (n: number) => string;
  readonly at6: (n: number) => string;
}

/** The address that tests probe. Of IPv6 it is the one that also names itself in its ICMP errors: Linux wants it assigned. */
export const LAB_ADDRESS = 10;

const SLOTS = 64;
const FAR_DEVICE = 'far';
/** Longer than any burst a test sends, so that the device's own queue never drops: the loss is the wire's alone. */
const QUEUE = 200_000;
/** No link-local address and no multicast: then neither end sends a packet that no test sent for. */
const DEVICE = `txqueuelen ${QUEUE} multicast off addrgenmode none`;

export interface Wire {
  readonly plan: WirePlan;
  readonly process: LineProcess;
  /** Runs a command inside the far end. */
  readonly inside: (command: string, args: readonly string[], input?: string) => Promise<string>;
  /** Packets that this machine dropped before the wire could take them. Not 0: the lab was too slow, distrust the run. */
  readonly overflowed: () => number;
}

/** Starts the wire, and gives both ends addresses that no other lab has. All of it is gone when its process ends. */
export async function startWire(options: WireOptions): Promise<Wire> {
  const { rtt = 0, loss = 0, cap = 0, seed = 1 } = options;
  const program = await compiled(new URL('wire.c', import.meta.url));
  const nearDevice = `pf${randomBytes(4).toString('hex')}`;
  const tag = randomInt(1, 1 << 16);
  const numbers = [Math.round((rtt / 2) * 1000), loss / 100, cap, seed, tag];
  const process = startLineProcess(program, [nearDevice, FAR_DEVICE, ...numbers.map(String)]);
  const inside: Wire['inside'] = (command, args, input) =>
    runCommand('nsenter', ['-t', String(process.pid), '-n', command, ...args], input);
  try {
    await process.line();
    const plan = await claimSlot(nearDevice, tag);
    await Promise.all([addressNearEnd(plan), addressFarEnd(plan, inside)]);
    return { plan, process, inside, overflowed: () => dropped(nearDevice) };
  } catch (error) {
    await process.end();
    throw error;
  }
}

function planOf(slot: number, nearDevice: string, tag: number): WirePlan {
  const high = slot * 4;
  return {
    nearDevice,
    nearAddress: `198.19.${tag >> 8}.${tag & 255}`,
    nearAddress6: `2001:2:0:ffff::${tag.toString(16)}`,
    network: `198.18.${high}.0/22`,
    network6: `2001:2:0:${(slot + 1).toString(16)}::/64`,
    at: (n) => `198.18.${high + (n >> 8)}.${n & 255}`,
    at6: (n) => `2001:2:0:${(slot + 1).toString(16)}::${n.toString(16)}`,
  };
}

/** A slot is ours when its route is: the kernel refuses a second one to the same network. */
async function claimSlot(nearDevice: string, tag: number): Promise<WirePlan> {
  await runCommand('ip', ['-batch', '-'], `link set ${nearDevice} ${DEVICE}\nlink set ${nearDevice} up\n`);
  for (let slot = 0; slot < SLOTS; slot++) {
    const plan = planOf(slot, nearDevice, tag);
    const claim = runCommand('ip', ['route', 'add', plan.network, 'dev', nearDevice]);
    const refusal = await claim.then(
      () => undefined,
      (error: Error) => error,
    );
    if (!refusal) return plan;
    if (!refusal.message.includes('File exists')) throw refusal;
  }
  throw new Error(`all ${SLOTS} lab networks of this machine are taken`);
}

/** Refuses locally what goes there: deleting the route instead would send it to whatever the default route leads to. */
export async function withoutRoute(plan: WirePlan, during: () => Promise<void>): Promise<void> {
  await runCommand('ip', ['route', 'replace', 'unreachable', plan.network]);
  try {
    await during();
  } finally {
    const { network, nearDevice, nearAddress } = plan;
    await runCommand('ip', ['route', 'replace', network, 'dev', nearDevice, 'src', nearAddress]);
  }
}

const addressNearEnd = (plan: WirePlan): Promise<string> =>
  runCommand(
    'ip',
    ['-batch', '-'],
    `addr add ${plan.nearAddress}/32 dev ${plan.nearDevice}
route replace ${plan.network} dev ${plan.nearDevice} src ${plan.nearAddress}
addr add ${plan.nearAddress6}/128 dev ${plan.nearDevice} nodad
route add ${plan.network6} dev ${plan.nearDevice} src ${plan.nearAddress6}
`,
  );

/** Room for every port to be probed at once. */
const FAR_SETTINGS = {
  'net/core/somaxconn': '65535',
  'net/ipv4/tcp_max_syn_backlog': '65535',
  // UDP answers leave from the address that was probed, though it is only routed here and not assigned
  'net/ipv6/ip_nonlocal_bind': '1',
};

async function addressFarEnd(plan: WirePlan, inside: Wire['inside']): Promise<void> {
  await inside(
    'ip',
    ['-batch', '-'],
    `link set lo up
link set ${FAR_DEVICE} ${DEVICE}
link set ${FAR_DEVICE} up
addr add ${plan.at(1)}/32 dev ${FAR_DEVICE}
addr add ${plan.at6(1)}/128 dev ${FAR_DEVICE} nodad
addr add ${plan.at6(LAB_ADDRESS)}/128 dev ${FAR_DEVICE} nodad
route add local ${plan.network} dev lo
route add local ${plan.network6} dev lo
route add ${plan.nearAddress}/32 dev ${FAR_DEVICE}
route add ${plan.nearAddress6}/128 dev ${FAR_DEVICE}
`,
  );
  await writeSettings(inside, FAR_SETTINGS);
}

/** Kernel settings of the far end: path under /proc/sys to value. */
export async function writeSettings(inside: Wire['inside'], settings: Record<string, string>): Promise<void> {
  const lines = Object.entries(settings).map(([path, value]) => `echo '${value}' > /proc/sys/${path}`);
  await inside('sh', ['-e', '-c', lines.join('\n')]);
}

function dropped(device: string): number {
  return Number(readFileSync(`/sys/class/net/${device}/statistics/tx_dropped`, 'utf8'));
}
