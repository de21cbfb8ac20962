import type { NodeSlots, ScanStore } from '../../shared/seams/scan-store.ts';
import { type Item, number, numberSet, numberSetOf } from './attributes.ts';
import { nodeKey } from './keys.ts';
import type { Retention } from './retention.ts';
import type { Table } from './table.ts';

type TreeNodes = Pick<ScanStore, 'addToNode' | 'readNode'>;

/**
 * A node is one item with two sets of numbers: slots that had an answer, and slots that were given up. `ADD` puts a
 * number into a set and does nothing about one that is there, so a repeat changes nothing; and since the sets only
 * grow, it does not matter whether the dead letter of a chunk or its late worker comes first.
 */
export function makeTreeNodes(table: Table, retention: Retention): TreeNodes {
  return {
    addToNode: async (id, node, slot, failed) => {
      const item = await table.update(nodeKey(id, node), {
        expression: `SET expires = if_not_exists(expires, :expires) ADD ${failed ? 'failed' : 'settled'} :slot`,
        values: { ':slot': numberSet([slot]), ':expires': number(retention.expires()) },
      });
      return slotsOf(item);
    },
    readNode: async (id, node) => slotsOf(await table.get(nodeKey(id, node))),
  };
}

function slotsOf(item: Item | undefined): NodeSlots {
  const settled = numberSetOf(item, 'settled');
  const failed = numberSetOf(item, 'failed');
  return {
    done: new Set([...settled, ...failed]),
    failed: new Set([...failed].filter((slot) => !settled.has(slot))),
  };
}
