import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeFoundPorts } from '../../../cli/output/found-ports.ts';
import type { Protocol } from '../../../shared/domain/probe.ts';
import type { Address } from '../../../shared/domain/units.ts';
import { sampleFinding } from '../../helpers/sample-scan.ts';

/** A host that accepts on every port has all of a row; its marks are kept in another way from some number on. */
const step = fc.record({
  address: fc.constantFrom('10.0.0.1' as Address, '10.0.0.2' as Address),
  protocol: fc.constantFrom<Protocol>('tcp', 'udp'),
  first: fc.integer({ min: 0, max: 65_535 }),
  count: fc.oneof(fc.constant(1), fc.constant(3_000)),
  isToPrint: fc.boolean(),
});

describe('The ports that were found', () => {
  it('are counted once each and printed once each, few or many, however often they are found', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
        const found = makeFoundPorts();
        const [seen, printed] = [new Set<string>(), new Set<string>()];
        for (const { address, protocol, first, count, isToPrint } of steps) {
          const wrong: number[] = [];
          for (let port = first; port < Math.min(first + count, 65_536); port++) {
            const key = `${address} ${protocol} ${port}`;
            const finding = sampleFinding(port, { address, protocol });
            const [isNew, was] = [isToPrint && !printed.has(key), printed.has(key)];
            if (found.isPrinted(finding) !== was || found.add(finding, isToPrint) !== isNew) wrong.push(port);
            seen.add(key);
            if (isToPrint) printed.add(key);
            if (found.isPrinted(finding) !== printed.has(key)) wrong.push(port);
          }
          expect(wrong).toEqual([]);
          expect(found.size()).toBe(seen.size);
        }
      }),
      { numRuns: 30 },
    );
  });
});
