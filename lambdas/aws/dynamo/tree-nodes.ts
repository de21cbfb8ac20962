import type { NodeSlots, ScanStore } from '../../../shared/seams/scan-store.ts';
import { nodeKey } from './keys.ts';
import type { Retention } from './retention.ts';
import type { Table } from './table.ts';

type TreeNodes = Pick<ScanStore, 'addToNode' | 'readNode' | 'removeFromNode'>;

/** DynamoDB has no empty sets: one that nothing was added to is absent. */
interface NodeAttributes {
  readonly settled?: ReadonlySet<number>;
  readonly failed?: ReadonlySet<number>;
}

/**
 * A node is one item with two sets of numbers: slots that had an answer, and slots that were given up. `ADD` puts a
 * number into a set and does nothing about one that is there, so a repeat changes nothing; and since the sets only
 * grow, it does not matter whether the dead letter of a chunk or its late worker comes first.
 */
export function makeTreeNodes(table: Table, retention: Retention): TreeNodes {
  return {
    addToNode: async (id, node, slot, failed) => {
      const item = await table.update<NodeAttributes>(nodeKey(id, node), {
        expression: `SET expires = if_not_exists(expires, :expires) ADD ${failed ? 'failed' : 'settled'} :slot`,
        values: { ':slot': new Set([slot]), ':expires': retention.expires() },
      });
      return slotsOf(item);
    },
    // Taking the last number out of a set removes the set.
    removeFromNode: async (id, node, slots) => {
      if (slots.length === 0) return;
      await table.update(nodeKey(id, node), {
        expression: 'DELETE settled :slots, failed :slots',
        values: { ':slots': new Set(slots) },
      });
    },
    readNode: async (id, node) => slotsOf(await table.get<NodeAttributes>(nodeKey(id, node))),
  };
}

function slotsOf({ settled = new Set(), failed = new Set() }: NodeAttributes = {}): NodeSlots {
  return {
    done: new Set([...settled, ...failed]),
    failed: new Set([...failed].filter((slot) => !settled.has(slot))),
  };
}
