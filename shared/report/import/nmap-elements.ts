import { canonicalAddress } from '../../domain/addresses/address-set.ts';
import { portSet } from '../../domain/port-set.ts';
import { millis, portNumber } from '../../domain/units.ts';
import { isSettled, verdictNamed } from '../../domain/verdict.ts';
import { keepHost, newHost, omit, type RunDraft } from './nmap-draft.ts';
import { readMore, readService } from './read-service.ts';
import { readNumber, readPortList, readProtocol, readTime } from './read-values.ts';
import type { Attributes } from './xml-tokens.ts';

type Steps = Readonly<Record<string, (run: RunDraft, attributes: Attributes) => void>>;

/** What is done at the beginning of an element, by its path from the root. The others are skipped. */
export const AT_BEGINNING: Steps = {
  nmaprun(run, attributes) {
    run.args = attributes.get('args') ?? '';
    run.startedAt = readTime(attributes.get('start'), 1000);
  },
  'nmaprun/scaninfo'(run, attributes) {
    const protocol = readProtocol(attributes.get('protocol'));
    const ranges = readPortList(attributes.get('services'));
    if (!protocol || !ranges) return;
    const { tcp, udp } = run.asked ?? { tcp: [], udp: [] };
    run.asked = protocol === 'tcp' ? portSet([...tcp, ...ranges], udp) : portSet(tcp, [...udp, ...ranges]);
  },
  'nmaprun/host'(run, attributes) {
    run.host = { ...newHost(), endedAt: readTime(attributes.get('endtime'), 1000) ?? null };
  },
  'nmaprun/host/address'({ host }, attributes) {
    if (attributes.get('addrtype') !== 'mac') host.address ??= canonicalAddress(attributes.get('addr') ?? '');
  },
  'nmaprun/host/hostnames/hostname'({ host }, attributes) {
    const name = attributes.get('name');
    if (name) host.names.add(name);
  },
  'nmaprun/host/ports/extraports'({ host }, attributes) {
    const count = readNumber(attributes.get('count')) ?? 0;
    host.extras.push({ state: attributes.get('state') ?? '', count, reasons: [] });
  },
  'nmaprun/host/ports/extraports/extrareasons'({ host }, attributes) {
    const protocol = readProtocol(attributes.get('proto'));
    const ranges = readPortList(attributes.get('ports'));
    const count = readNumber(attributes.get('count')) ?? 0;
    const ports = protocol && ranges ? { protocol, ranges } : null;
    host.extras.at(-1)?.reasons.push({ reason: attributes.get('reason') ?? '', count, ports });
  },
  'nmaprun/host/ports/port'(run, attributes) {
    const port = portNumber(readNumber(attributes.get('portid')) ?? -1);
    run.port = { protocol: readProtocol(attributes.get('protocol')), port };
  },
  'nmaprun/host/ports/port/state'({ port }, attributes) {
    port.state = attributes.get('state');
    port.reason = attributes.get('reason');
  },
  'nmaprun/host/ports/port/service'({ port }, attributes) {
    port.service = readService(attributes);
  },
  'nmaprun/runstats/finished'(run, attributes) {
    run.finishedAt = readTime(attributes.get('time'), 1000);
  },
};

/** What is done at the end of an element. */
export const AT_END: Readonly<Record<string, (run: RunDraft) => void>> = {
  'nmaprun/host/ports/port'(run) {
    const { protocol, port, state, reason = '', service = null, seen = null } = run.port;
    if (protocol && port !== undefined && state) run.host.ports.push({ protocol, port, state, reason, service, seen });
    else omit(run, 'a port without a number, a state or a protocol that is known here (tcp, udp)');
  },
  'nmaprun/host': keepHost,
};

/** What our own instructions say, by their first word and the path of the element around them. */
export const AT_INSTRUCTION: Steps = {
  'nmaprun/host/ports/port seen'({ port }, attributes) {
    const at = readTime(attributes.get('at'), 1);
    const rtt = readNumber(attributes.get('rtt'));
    const attempt = readNumber(attributes.get('attempt'));
    if (at === undefined || rtt === undefined || attempt === undefined) return;
    port.seen = { at, rtt: millis(rtt), attempt, ...readMore(attributes.get('more')) };
  },
  'nmaprun/host/ports gap'({ host }, attributes) {
    const protocol = readProtocol(attributes.get('protocol'));
    const ranges = readPortList(attributes.get('ports'));
    const verdict = verdictNamed(attributes.get('verdict') ?? '');
    if (protocol && ranges && verdict && !isSettled(verdict)) host.gaps.push({ protocol, ranges, verdict });
  },
};
