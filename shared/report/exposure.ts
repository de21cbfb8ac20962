import type { AllowedPorts } from '../domain/account.ts';
import { plannedPorts } from '../domain/planned-ports.ts';
import { formatPorts, type PortAt, type PortRange, type PortSet, portSet } from '../domain/port-set.ts';
import type { HostReport } from '../domain/report.ts';
import { isSettled } from '../domain/verdict.ts';

/** What the security groups of an address claim, beside what answers there. */
export interface Exposure {
  /** It answers, though no group lets anyone in. */
  readonly openNotAllowed: PortSet;
  /** A group lets somebody in, and nothing listens. */
  readonly allowedNotOpen: PortSet;
  /** It answers, and everybody is let in. */
  readonly openToAnyone: PortSet;
}

/** Undefined where the account said nothing of the address, or it has no security groups. */
export function exposureOf(host: HostReport, planned: PortSet): Exposure | undefined {
  const allowed = host.account?.allowed;
  if (!allowed) return undefined;
  const found = { openNotAllowed: new Ports(), allowedNotOpen: new Ports(), openToAnyone: new Ports() };
  for (const { protocol, port, verdict, finding } of plannedPorts(host, planned)) {
    const rules = allowed.filter((rule) => letsIn(rule, { protocol, port }));
    if (finding?.state === 'open') {
      if (rules.length === 0) found.openNotAllowed.add({ protocol, port });
      if (rules.some(({ fromAnyone }) => fromAnyone)) found.openToAnyone.add({ protocol, port });
    } else if (rules.length > 0 && isSettled(verdict)) found.allowedNotOpen.add({ protocol, port });
  }
  return {
    openNotAllowed: found.openNotAllowed.all(),
    allowedNotOpen: found.allowedNotOpen.all(),
    openToAnyone: found.openToAnyone.all(),
  };
}

const letsIn = (rule: AllowedPorts, { protocol, port }: PortAt): boolean =>
  rule.protocol === protocol && rule.first <= port && port <= rule.last;

class Ports {
  readonly #ranges: Record<PortAt['protocol'], PortRange[]> = { tcp: [], udp: [] };
  add({ protocol, port }: PortAt): void {
    this.#ranges[protocol].push([port, port]);
  }
  all(): PortSet {
    return portSet(this.#ranges.tcp, this.#ranges.udp);
  }
}

/** The same in words for people, one sentence each, without full stops. */
export function exposureNotes(host: HostReport, planned: PortSet): string[] {
  const exposure = exposureOf(host, planned);
  if (!host.account || !exposure) return [];
  const { openNotAllowed, allowedNotOpen, openToAnyone } = exposure;
  const line = (words: string, ports: PortSet) =>
    ports.tcp.length + ports.udp.length === 0 ? [] : [`${words}: ${formatPorts(ports)}`];
  return [
    `In the account it is ${host.account.resource} in ${host.account.region}`,
    ...line('Open, and allowed by no security group', openNotAllowed),
    ...line('Open, and allowed from anywhere', openToAnyone),
    ...line('Allowed by a security group, and nothing listens', allowedNotOpen),
  ];
}
