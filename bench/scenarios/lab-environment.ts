import { TIMING_TEMPLATES } from '../../shared/domain/timing-template.ts';
import type { Scenario, Truth } from '../environment.ts';
import { type Lab, withLab } from '../lab/lab.ts';
import type { WireOptions } from '../lab/wire.ts';
import { portsIn, type ScannerTask } from '../scanners/scanner.ts';

/** A scenario of one host at the far end of a wire. */
export interface HostScenario {
  readonly name: string;
  readonly title: string;
  readonly bound: string;
  readonly note?: string;
  readonly wire: WireOptions;
  readonly ports: string;
  readonly timing: ScannerTask['timing'];
  readonly open: readonly number[];
  /** What the ports that are not open do: reset, or stay `filtered` in whichever way `arrange` makes them. */
  readonly rest: 'closed' | 'filtered';
  /** Turns the host into what the scenario is about, once its ports are open. */
  readonly arrange: (lab: Lab) => Promise<void>;
  /** What befalls the host while it is scanned; ends when the signal says that the scan is over. */
  readonly meanwhile?: (lab: Lab, isOver: AbortSignal) => Promise<void>;
}

export function hostScenario(scenario: HostScenario): Scenario {
  const { name, title, bound, note, wire, ports, timing, open, rest, arrange, meanwhile } = scenario;
  return {
    name,
    title,
    bound,
    ...(note !== undefined && { note }),
    withEnvironment: (seed, use) =>
      withLab({ ...wire, seed }, async (lab) => {
        if (open.length > 0) await lab.open(open);
        await arrange(lab);
        const there = new Set(open);
        const truth: Truth = {
          open: new Map([[lab.address, there]]),
          closed: (_, port) => rest === 'closed' && !there.has(port),
          probes: portsIn(ports).length,
        };
        const over = new AbortController();
        const happening = meanwhile?.(lab, over.signal);
        try {
          return await use(labEnvironment(lab, { targets: [lab.address], ports, timing }, truth));
        } finally {
          over.abort();
          await happening;
        }
      }),
  };
}

/** What a scanner needs to know of the lab. */
export function labEnvironment(lab: Lab, task: Omit<ScannerTask, 'wire'>, truth: Truth) {
  return {
    task: { ...task, wire: { device: lab.nearDevice, address: lab.nearAddress } },
    truth,
    prefix: [],
    packets: () => lab.packets(),
  };
}

/** So many ports, spread evenly over a range, both ends included. */
export function spread(count: number, first: number, last: number): number[] {
  return Array.from({ length: count }, (_, index) =>
    Math.round(first + (index * (last - first)) / Math.max(1, count - 1)),
  );
}

/** The sum that bounds a scan of silent ports: two attempts at each, as fast as the template's rate lets them go. */
export function silenceBound(ports: number, timing: ScannerTask['timing']): string {
  const { ratePerTarget } = TIMING_TEMPLATES[timing];
  const attempts = `2 attempts at ${ports.toLocaleString('en')} ports`;
  if (ratePerTarget === null) return `${attempts}, with sockets in plenty: the kernel baseline's row`;
  const seconds = (2 * ports) / ratePerTarget;
  return `${attempts} at ${ratePerTarget.toLocaleString('en')} a second: ${seconds.toFixed(1)} s, and the last timeout`;
}
