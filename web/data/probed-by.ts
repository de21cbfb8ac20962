import type { ScanResource } from '../../shared/api/resources/scan-resource.ts';
import type { Protocol } from '../../shared/domain/probe.ts';
import { compareAddresses } from './findings.ts';

/** Whether a scan has a verdict on a port: only of one that is complete is that known without reading every chunk. */
export function probedBy({ plan, status }: ScanResource) {
  const isWithin = (address: string): boolean =>
    plan.addresses.some(({ first, last }) => {
      const [from, to] = [compareAddresses(first, address), compareAddresses(address, last)];
      return from <= 0 && to <= 0;
    });
  return (address: string, protocol: Protocol, port: number): boolean =>
    status === 'complete' &&
    plan.ports[protocol].some(([first, last]) => first <= port && port <= last) &&
    isWithin(address);
}
