import type { Finding } from '../../shared/domain/finding.ts';
import { placeOf } from '../../shared/domain/port-set.ts';
import { PROTOCOLS } from '../../shared/domain/probe.ts';
import { type Address, HIGHEST_PORT } from '../../shared/domain/units.ts';

/** The ports that were found, by numbers: of a million open ones the names would take 100 MB. */
export interface FoundPorts {
  /** True where it is to be printed, and was not before. */
  add(finding: Finding, isToPrint: boolean): boolean;
  isPrinted(finding: Finding): boolean;
  size(): number;
}

/** Of a port that was found: it waits for its line, or has it. A port that was not found has no mark, which is 0. */
const FOUND = 1;
const PRINTED = 2;

export function makeFoundPorts(): FoundPorts {
  const known = new Map<Address, PortMarks>();
  let size = 0;
  return {
    add(finding, isToPrint) {
      const ofHost = known.get(finding.address) ?? makePortMarks();
      known.set(finding.address, ofHost);
      const place = placeOf(finding);
      const before = ofHost.at(place);
      if (before === 0) size += 1;
      if (before !== PRINTED) ofHost.set(place, isToPrint ? PRINTED : FOUND);
      return isToPrint && before !== PRINTED;
    },
    isPrinted: (finding) => known.get(finding.address)?.at(placeOf(finding)) === PRINTED,
    size: () => size,
  };
}

/** A small number for each port of a host; 0 where none was set. */
interface PortMarks {
  at(place: number): number;
  set(place: number, mark: number): void;
}

/** From as many ports on, a byte for each that a host may have (128 KB) is less than an entry of a map, some 28 bytes. */
const MANY_MARKS = 4_096;

function makePortMarks(): PortMarks {
  const few = new Map<number, number>();
  let many: Uint8Array | undefined;
  return {
    at: (place) => many?.[place] ?? few.get(place) ?? 0,
    set(place, mark) {
      if (many) many[place] = mark;
      else few.set(place, mark);
      if (few.size < MANY_MARKS) return;
      many = new Uint8Array(PROTOCOLS.length * (HIGHEST_PORT + 1));
      for (const [each, its] of few) many[each] = its;
      few.clear();
    },
  };
}
