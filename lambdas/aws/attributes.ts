import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** An item as DynamoDB carries it. Numbers travel as decimal text, so that none is rounded on the way. */
export type Item = Record<string, AttributeValue>;

/** Where an item lies: the partition, and its place in it. */
export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

export const text = (value: string): AttributeValue => ({ S: value });
export const number = (value: number): AttributeValue => ({ N: String(value) });
export const bytes = (value: Uint8Array): AttributeValue => ({ B: value });
/** DynamoDB has no empty sets: at least one number. */
export const numberSet = (values: Iterable<number>): AttributeValue => ({ NS: [...values].map(String) });

export const textOf = (item: Item | undefined, name: string): string | undefined => item?.[name]?.S;
export const bytesOf = (item: Item | undefined, name: string): Uint8Array | undefined => item?.[name]?.B;
export const numberSetOf = (item: Item | undefined, name: string): Set<number> =>
  new Set(item?.[name]?.NS?.map(Number));

export function numberOf(item: Item | undefined, name: string): number | undefined {
  const value = item?.[name]?.N;
  return value === undefined ? undefined : Number(value);
}

export const keyItem = ({ pk, sk }: ItemKey): Item => ({ pk: text(pk), sk: text(sk) });
export const keyOf = (item: Item): ItemKey => ({ pk: item['pk']?.S ?? '', sk: item['sk']?.S ?? '' });
