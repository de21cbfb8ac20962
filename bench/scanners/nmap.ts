import { onPath } from '../lab/lab-missing.ts';
import { addPort, portsIn, type Scanner, type ScannerResult } from './scanner.ts';

/** nmap's connect scan at the same template. No names, no ping, no version: only the port scan is compared. */
export const nmap: Scanner = {
  name: 'nmap -sT',
  missing: () => (onPath('nmap') ? undefined : 'nmap is not on this machine'),
  command: ({ targets, ports, timing }) => ({
    argv: ['nmap', ...familyOf(targets), '-sT', `-${timing}`, '-n', '-Pn', '-p', ports, '-oX', '-', ...targets],
  }),
  read: readNmapXml,
};

const familyOf = (targets: readonly string[]): string[] =>
  targets.some((target) => target.includes(':')) ? ['-6'] : [];

/** One state that nmap gave to a port, with its reason. */
export interface SeenPort {
  readonly address: string;
  readonly protocol: string;
  readonly port: number;
  readonly state: string;
  readonly reason: string;
}

const HOST = /<host [\s\S]*?<\/host>/g;
const ADDRESS = /<address addr="([^"]+)" addrtype="ipv[46]"/;
const PORT = /<port protocol="(\w+)" portid="(\d+)"><state state="([^"]+)" reason="([^"]+)"/g;
const EXTRA = /<extraports state="([^"]+)"[\s\S]*?<\/extraports>/g;
const EXTRA_REASON = /<extrareasons reason="([^"]+)" count="\d+" proto="(\w+)" ports="([^"]*)"/g;

/** Every port in nmap's XML, those that it folds into `extraports` too (nmap 7.92 and later name them). */
export function* nmapPorts(xml: string): Generator<SeenPort> {
  for (const [host] of xml.matchAll(HOST)) {
    const address = ADDRESS.exec(host)?.[1] ?? '';
    for (const [, protocol = '', port, state = '', reason = ''] of host.matchAll(PORT)) {
      yield { address, protocol, port: Number(port), state, reason };
    }
    for (const [extra, state = ''] of host.matchAll(EXTRA)) {
      for (const [, reason = '', protocol = '', ports = ''] of extra.matchAll(EXTRA_REASON)) {
        for (const port of portsIn(ports)) yield { address, protocol, port, state, reason };
      }
    }
  }
}

/** The open and the filtered ports in nmap's XML, whoever wrote it. */
export function readNmapXml(xml: string): ScannerResult {
  const open = new Map<string, Set<number>>();
  const filtered = new Map<string, Set<number>>();
  for (const { address, port, state } of nmapPorts(xml)) {
    if (state === 'open') addPort(open, address, port);
    if (state === 'filtered') addPort(filtered, address, port);
  }
  return { open, filtered };
}
