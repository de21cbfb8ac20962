import { compiled } from './compile.ts';
import {
  type AnswerLimits,
  type Ban,
  type HostState,
  type LabProtocol,
  PLAIN_HOST,
  type PortRule,
  type Rejection,
  rulesetOf,
} from './host-rules.ts';
import { type LineProcess, startLineProcess } from './line-process.ts';
import {
  LAB_ADDRESS,
  startWire,
  type Wire,
  type WireOptions,
  type WirePlan,
  withoutRoute,
  writeSettings,
} from './wire.ts';

/** Packets of one direction. `passed` are those that arrived; the rest were lost at random or over the cap. */
export interface WayCount {
  readonly sent: number;
  readonly passed: number;
  readonly lost: number;
  readonly capped: number;
}

export interface Packets {
  readonly there: WayCount;
  readonly back: WayCount;
  /** Attempts as the wire saw them, before loss: first packets of TCP connections (the kernel's repeats too), and UDP. */
  readonly syns: number;
  readonly datagrams: number;
  /** Dropped by this machine before the wire: anything but 0 means that the lab could not keep up. */
  readonly overflowed: number;
}

export interface Somewhere {
  /** Only at this address of the lab; without it, at all of them. */
  readonly at?: string;
}

/**
 * A host at the far end of a wire, that answers for 1,024 addresses of each family. At first every port is closed: TCP
 * resets, UDP answers port-unreach as fast as it is probed. Every method has taken effect when its promise resolves; a
 * port named twice is what it was called first.
 */
export interface Lab extends Pick<WirePlan, 'network' | 'network6' | 'at' | 'at6' | 'nearDevice' | 'nearAddress'> {
  readonly address: string;
  readonly address6: string;
  /** What to put before a command line for it to run at the far end. */
  readonly enter: readonly string[];
  /** Accepts, and ends the connection at once. */
  open(ports: readonly number[], where?: Somewhere): Promise<void>;
  /** Accepts, sends `text`, and ends the connection. */
  say(ports: readonly number[], text: string, where?: Somewhere): Promise<void>;
  /** Accepts and never says a word. */
  mute(ports: readonly number[], where?: Somewhere): Promise<void>;
  /** Accepts and resets at once. */
  resetting(ports: readonly number[], where?: Somewhere): Promise<void>;
  /** Open, but drops the attempts before the nth: 2 is a host that answers only the second. `rearm` starts it afresh. */
  openFromAttempt(attempt: number, ports: readonly number[]): Promise<void>;
  /** UDP ports that answer every datagram with `text`. */
  openUdp(ports: readonly number[], text?: string): Promise<void>;
  /** These ports drop what comes; without ports, all the rest does. */
  silent(ports?: readonly number[], protocol?: LabProtocol): Promise<void>;
  /** These ports answer with this ICMP error; without ports, all the rest does. */
  reject(answer: Rejection, ports?: readonly number[], protocol?: LabProtocol): Promise<void>;
  /** Every TCP port accepts and then stays mute, as behind a tarpit or a proxying firewall. */
  allOpen(): Promise<void>;
  /** Nothing at all is answered any more. */
  dead(): Promise<void>;
  /** All is as it was before `dead`. */
  revive(): Promise<void>;
  /** After so many SYNs from now on, the scanner is banned. */
  ban(ban: Ban): Promise<void>;
  /** This machine has no route to the lab, while `during` lasts. */
  withoutRoute(during: () => Promise<void>): Promise<void>;
  /** Only these addresses exist; the others are silent. */
  alive(addresses: readonly string[]): Promise<void>;
  limitAnswers(limits: AnswerLimits): Promise<void>;
  /** ICMP errors as a Linux host limits them by default: to one peer a burst of 6, then one a second. */
  limitIcmp(): Promise<void>;
  /** Forgets which attempts were made already. */
  rearm(): Promise<void>;
  packets(): Promise<Packets>;
  /** Attempts per port, over all addresses. */
  attempts(protocol?: LabProtocol): Promise<ReadonlyMap<number, number>>;
  /** The most SYNs that arrived within any `window` milliseconds. */
  busiest(window: number): Promise<number>;
}

/** The port of the one listener behind `allOpen`. */
const TARPIT_PORT = 1;

const UNLIMITED_ICMP = {
  'net/ipv4/icmp_ratemask': '0',
  'net/ipv6/icmp/ratelimit': '0',
  'net/ipv4/icmp_msgs_per_sec': '1000000',
  'net/ipv4/icmp_msgs_burst': '1000000',
};
/** The kernel's own defaults. */
const LINUX_ICMP = {
  'net/ipv4/icmp_ratelimit': '1000',
  'net/ipv4/icmp_ratemask': '6168',
  'net/ipv6/icmp/ratelimit': '1000',
  'net/ipv4/icmp_msgs_per_sec': '1000',
  'net/ipv4/icmp_msgs_burst': '50',
};

/** Makes a lab, uses it, and takes it away, whatever happens: its parts end with this process, killed or not. */
export async function withLab<Value>(options: WireOptions, use: (lab: Lab) => Promise<Value>): Promise<Value> {
  const wire = await startWire(options);
  try {
    const program = await compiled(new URL('listener.c', import.meta.url));
    const listener = startLineProcess('nsenter', ['-t', String(wire.process.pid), '-n', program]);
    try {
      await writeSettings(wire.inside, UNLIMITED_ICMP);
      return await use(makeLab(wire, listener));
    } finally {
      await listener.end();
    }
  } finally {
    await wire.process.end();
  }
}

/** The far host's state, and the ways to change it; each change writes all its rules. */
function makeHost({ inside }: Wire) {
  let state: HostState = PLAIN_HOST;
  const become = async (change: Partial<HostState>): Promise<void> => {
    state = { ...state, ...change };
    await inside('nft', ['-f', '-'], rulesetOf(state));
  };
  const addRule = (rule: PortRule): Promise<void> => become({ rules: [...state.rules, rule] });
  const restOf = (protocol: LabProtocol | undefined, treatment: HostState['rest']['tcp']): Promise<void> =>
    become({ rest: protocol ? { ...state.rest, [protocol]: treatment } : { tcp: treatment, udp: treatment } });
  const treat = (treatment: HostState['rest']['tcp'], ports?: readonly number[], protocol?: LabProtocol) =>
    ports ? addRule({ protocol: protocol ?? 'tcp', ports, at: undefined, treatment }) : restOf(protocol, treatment);
  return { become, addRule, treat };
}

const makeListen =
  (listener: LineProcess, addRule: (rule: PortRule) => Promise<void>) =>
  async (behaviour: string, ports: readonly number[], where: Somewhere = {}, text = ''): Promise<void> => {
    const protocol = behaviour === 'answer' ? 'udp' : 'tcp';
    const hex = Buffer.from(text, 'latin1').toString('hex');
    for (const port of ports) {
      const said = await listener.ask(`${protocol} ${where.at ?? '::'} ${port} ${port} ${behaviour} ${hex}`);
      if (said !== 'ready') throw new Error(`the lab cannot listen on ${protocol} port ${port}: ${said}`);
    }
    await addRule({ protocol, ports, at: where.at, treatment: { kind: 'through' } });
  };

function makeLab(wire: Wire, listener: LineProcess): Lab {
  const { plan, process, inside } = wire;
  const { become, addRule, treat } = makeHost(wire);
  const listen = makeListen(listener, addRule);
  return {
    ...plan,
    address: plan.at(LAB_ADDRESS),
    address6: plan.at6(LAB_ADDRESS),
    enter: ['nsenter', '-t', String(process.pid), '-n', '--'],
    open: (ports, where) => listen('close', ports, where),
    say: (ports, text, where) => listen('say', ports, where, text),
    mute: (ports, where) => listen('mute', ports, where),
    resetting: (ports, where) => listen('reset', ports, where),
    async openFromAttempt(attempt, ports) {
      await addRule({ protocol: 'tcp', ports, at: undefined, treatment: { kind: 'late', attempt } });
      await listen('close', ports);
    },
    openUdp: (ports, text = 'pong') => listen('answer', ports, {}, text),
    silent: (ports, protocol) => treat({ kind: 'drop' }, ports, protocol),
    reject: (answer, ports, protocol) => treat({ kind: 'reject', with: answer }, ports, protocol),
    async allOpen() {
      await listen('mute', [TARPIT_PORT]);
      await become({ redirect: TARPIT_PORT });
    },
    dead: () => become({ dead: true }),
    revive: () => become({ dead: false }),
    ban: (ban) => become({ ban }),
    withoutRoute: (during) => withoutRoute(plan, during),
    alive: (addresses) => become({ alive: addresses }),
    limitAnswers: (limits) => become({ limits }),
    limitIcmp: () => writeSettings(inside, LINUX_ICMP),
    rearm: () => become({}),
    async packets() {
      const totals = JSON.parse(await process.ask('totals')) as Omit<Packets, 'overflowed'>;
      return { ...totals, overflowed: wire.overflowed() };
    },
    async attempts(protocol = 'tcp') {
      const counts = JSON.parse(await process.ask('attempts')) as Record<LabProtocol, [number, number][]>;
      return new Map(counts[protocol]);
    },
    busiest: async (window) => Number(await process.ask(`busiest ${window}`)),
  };
}
