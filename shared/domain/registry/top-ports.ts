import type { Protocol } from '../probe.ts';
import { HIGHEST_PORT, type PortNumber } from '../units.ts';
import { SURVEYED_TCP, SURVEYED_UDP } from './port-rank-table.ts';
import { registeredPorts } from './services.ts';

/*
 * The ports to probe first. What a public survey found open most often comes first (see `port-rank-table`), because that is
 * what a scan of so many ports is asked to find. A survey tells what there was; what has become usual since, and what
 * is seldom left open on purpose, it does not: databases, brokers, containers, consoles. Those are our own groups, from the
 * documentation of the services. They take the last places among the first 100, and among the first 1,000, so that they
 * cost the rarest ports of the survey and no other.
 *
 *   1 to 20         the survey's first 20
 *   21 to 100       the survey goes on; the last places are those of our groups that it has not had by then
 *   101 to 1,000    one port of ours after two of the survey, until all groups are in; then the survey alone
 *   after that      the rest of the survey, the registered ports, all others
 */

/** As few as leave 97 % of what the survey's own first 100 hold, even if its ports 21 to 100 were all equally often open. */
const OURS_AMONG_100 = { tcp: 10, udp: 6 } as const;

/** Ports of the survey between two of ours. */
const SURVEYED_BETWEEN = 2;

/** The groups in the order in which an engineer would want to hear of them, ascending within a group. */
const TCP_GROUPS: readonly (readonly number[])[] = [
  // The web and the ways in.
  [22, 80, 443, 3389, 8080, 8443],
  // The classic services of the Internet and of Windows networks.
  [21, 23, 25, 53, 110, 111, 135, 139, 143, 445, 465, 587, 993, 995],
  // Databases, caches and remote control: they are seldom left open on purpose.
  [1433, 1521, 2049, 2375, 3306, 5432, 5900, 5985, 6379, 9200, 11211, 27017],
  // Directories, authentication, names and routing.
  [49, 88, 179, 389, 464, 593, 636, 853, 1812, 3268, 3269, 9389],
  // Web servers and consoles on other ports.
  [81, 82, 83, 591, 3000, 3001, 4200, 4443, 5000, 5001, 5173, 5601, 7001, 7002, 7080, 7443, 8000, 8001, 8008, 8010],
  [8081, 8082, 8083, 8084, 8085, 8088, 8090, 8180, 8181, 8444, 8843, 8880, 8888, 9000, 9001, 9080, 9090, 9443, 10000],
  // Containers, clusters and their control planes.
  [2376, 2377, 2379, 2380, 4001, 4194, 4243, 6443, 7946, 9099, 10249, 10250, 10255, 10256, 10257, 10259],
  // Queues and brokers.
  [1414, 1883, 2181, 2888, 3888, 4222, 4369, 5671, 5672, 6222, 6650, 8161, 8222, 8883, 9092, 9094, 15671, 15672],
  [25672, 61613, 61614, 61616],
  // Data stores and search.
  [1434, 2483, 2484, 3050, 5433, 5984, 6380, 6432, 7000, 7199, 7473, 7474, 7687, 7700, 8086, 8091, 8123, 8529, 8983],
  [9042, 9160, 9300, 9440, 16379, 19530, 26257, 26379, 27018, 27019, 28015, 33060, 50000, 50070],
  // Remote access, proxies and tunnels.
  [222, 512, 513, 514, 992, 1080, 1194, 1723, 2022, 2222, 3128, 3283, 4899, 5631, 5800, 5901, 5902, 5938, 5986, 6000],
  [6001, 7070, 8118, 9050, 22222],
  // Watching, logs and service discovery.
  [199, 3100, 4317, 4318, 5044, 5666, 6831, 8125, 8126, 8200, 8300, 8301, 8500, 8600, 9091, 9093, 9100, 9115, 9187],
  [9411, 10050, 10051, 12201, 14268, 16686, 24224],
  // Files, print and backup.
  [20, 115, 427, 515, 548, 631, 873, 989, 990, 2121, 3260, 5357, 6556, 9101, 9102, 9103, 10001, 24007, 49152],
  // More mail, news and chat.
  [24, 26, 109, 119, 366, 563, 783, 2525, 3310, 4190, 5222, 5223, 5269, 5280, 6660, 6667, 6697, 8065, 8448],
  // Managing hosts, appliances and builds.
  [161, 623, 664, 830, 902, 903, 1311, 2082, 2083, 2086, 2087, 2095, 2096, 2381, 4505, 4506, 5480, 7547, 8005, 8006],
  [8009, 8089, 8140, 8291, 8728, 8834, 9392, 10443, 16992, 16993, 17988],
  // Debuggers, notebooks and tools of development and computing: code for whoever connects.
  [3690, 4040, 4444, 4848, 5005, 5037, 5555, 6006, 6066, 7077, 8020, 8042, 8265, 8787, 9083, 9229, 9418, 9870, 9990],
  [11434, 18080, 19888, 35729],
  // Voice, video, games, homes and industry.
  [102, 502, 554, 1720, 1911, 1935, 1962, 2000, 2404, 4840, 4911, 5060, 5061, 5683, 7680, 8096, 8554, 9600, 20000],
  [25565, 27015, 32400, 34567, 37777, 44818, 51413, 62078],
  // What old systems still run.
  [7, 9, 11, 13, 17, 19, 37, 43, 70, 79, 113, 540, 543, 544, 1099, 1524, 6112, 7100, 32768, 32769, 49153, 49154],
];

const UDP_GROUPS: readonly (readonly number[])[] = [
  // What nearly every network shows.
  [53, 67, 68, 123, 137, 138, 161, 162, 443, 500, 514, 1900, 4500, 5353],
  // Files, directories, authentication, names and routing.
  [69, 88, 111, 135, 389, 445, 464, 520, 521, 546, 547, 853, 1645, 1646, 1812, 1813, 2049, 3702, 5351, 5355],
  // Tunnels and remote access.
  [1194, 1701, 3389, 3391, 3478, 3479, 3544, 4433, 4789, 5349, 6081, 8472, 41641, 51820],
  // Services that answer strangers with more than they sent: the amplifiers.
  [17, 19, 427, 1434, 3283, 5093, 10001, 11211, 30718, 32414, 37810],
  // Managing and watching hosts, logs and flows.
  [623, 664, 2055, 4739, 5405, 6343, 7946, 8125, 8301, 8302, 8600, 9995, 9996, 12201, 24224, 25826],
  // Voice and mobile networks.
  [1719, 2123, 2152, 2427, 4569, 5004, 5005, 5060, 5246, 5247],
  // Homes, buildings and industry.
  [1628, 1911, 2222, 3671, 5683, 5684, 20000, 34962, 34964, 44818, 47808, 48899],
  // Games and file sharing.
  [3074, 6881, 7777, 9987, 19132, 27015, 27016, 27960, 28960, 64738],
  // What old systems still run.
  [7, 9, 13, 37, 42, 49, 177, 513, 517, 518, 626, 631, 1027, 32768, 49152],
];

const GROUPS = { tcp: TCP_GROUPS, udp: UDP_GROUPS };
const SURVEYED = { tcp: SURVEYED_TCP, udp: SURVEYED_UDP };

/** The ports of our groups, each once. */
export const groupedPorts = (protocol: Protocol): readonly PortNumber[] => [
  ...new Set(GROUPS[protocol].flat() as PortNumber[]),
];

/** The ranking as far as there is one: the survey with our groups in it, each port once. */
function ranking(protocol: Protocol): readonly PortNumber[] {
  const surveyed = SURVEYED[protocol].trim().split(/\s+/).map(Number) as PortNumber[];
  const ours = groupedPorts(protocol);
  const ranked = new Set(surveyed.slice(0, 100 - OURS_AMONG_100[protocol]));
  for (const port of ours) if (ranked.size < 100) ranked.add(port);
  const rest = new Set(ours.filter((port) => !ranked.has(port)));
  const others = surveyed.filter((port) => !ranked.has(port) && !rest.has(port)).values();
  for (const port of rest) {
    for (let taken = 0; taken < SURVEYED_BETWEEN; taken++) {
      const { value } = others.next();
      if (value !== undefined) ranked.add(value);
    }
    ranked.add(port);
  }
  for (const port of others) ranked.add(port);
  return [...ranked];
}

const RANKED: Partial<Record<Protocol, readonly PortNumber[]>> = {};

/** Every port but 0, best first: the ranking, then the registered ports, then all others, each ascending. */
function* byRank(protocol: Protocol): Generator<PortNumber> {
  RANKED[protocol] ??= ranking(protocol);
  yield* RANKED[protocol];
  yield* registeredPorts(protocol);
  for (let port = 1; port <= HIGHEST_PORT; port++) yield port as PortNumber;
}

/** The `count` ports to probe first, best first, without repeats; 65,535 at the most. */
export function topPorts(protocol: Protocol, count: number): readonly PortNumber[] {
  const top = new Set<PortNumber>();
  for (const port of byRank(protocol)) {
    if (top.size >= count) break;
    if (port > 0) top.add(port);
  }
  return [...top];
}

/** What is probed of a protocol whose every port would take too long: the hundred best, and all of our groups. */
export const usualPorts = (protocol: Protocol): readonly PortNumber[] => [
  ...new Set([...topPorts(protocol, 100), ...groupedPorts(protocol)]),
];
