import type { Truth } from './environment.ts';
import type { Ports, ScannerResult } from './scanners/scanner.ts';

/** An answer against the truth. */
export interface Score {
  readonly openThere: number;
  readonly openFound: number;
  /** Called open, and not open. */
  readonly falseOpen: number;
  /** Called filtered, though it answers with a reset; null where the scanner does not speak of filtered ports. */
  readonly closedCalledFiltered: number | null;
  /** The first few of the ports that were got wrong, as "address port", for whoever wants to know why. */
  readonly missed: readonly string[];
  readonly invented: readonly string[];
}

const EXAMPLES = 10;

export function scoreOf(answer: ScannerResult, truth: Truth): Score {
  const missed = pairs(truth.open, (address, port) => !answer.open.get(address)?.has(port));
  const invented = pairs(answer.open, (address, port) => !truth.open.get(address)?.has(port));
  const openThere = pairs(truth.open, () => true).length;
  return {
    openThere,
    openFound: openThere - missed.length,
    falseOpen: invented.length,
    closedCalledFiltered: answer.filtered ? pairs(answer.filtered, truth.closed).length : null,
    missed: missed.slice(0, EXAMPLES),
    invented: invented.slice(0, EXAMPLES),
  };
}

function pairs(ports: Ports, fits: (address: string, port: number) => boolean): string[] {
  return [...ports].flatMap(([address, set]) =>
    [...set].filter((port) => fits(address, port)).map((port) => `${address} ${port}`),
  );
}
