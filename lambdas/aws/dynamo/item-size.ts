import type { AttributeValue, ItemKey } from './table.ts';

/** What DynamoDB counts an item as: its names and values, where a number takes a byte for two digits and one more. */
export const itemBytes = (item: ItemKey): number =>
  Object.entries(item as unknown as Record<string, AttributeValue | undefined>).reduce(
    (sum, [name, value]) => (value === undefined ? sum : sum + name.length + valueBytes(value)),
    0,
  );

function valueBytes(value: AttributeValue): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return Math.ceil(`${value}`.length / 2) + 1;
  if (value instanceof Uint8Array) return value.byteLength;
  return [...value].reduce((sum, each) => sum + 1 + valueBytes(each), 3);
}
