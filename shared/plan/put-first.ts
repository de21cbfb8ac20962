/**
 * An order with some of its values moved to the beginning. Still a bijection: the values that they push out from there go
 * to where the moved ones came from. Takes memory for the moved ones only.
 */
export function putFirst(first: readonly number[], order: (index: number) => number): (index: number) => number {
  const beginning = first.map((_, index) => order(index));
  const [moved, wereThere] = [new Set(first), new Set(beginning)];
  const pushedOut = beginning.filter((value) => !moved.has(value));
  const cameFromLater = first.filter((value) => !wereThere.has(value));
  const inPlaceOf = new Map(cameFromLater.map((value, index) => [value, pushedOut[index] ?? value]));
  return (index) => {
    const early = first[index];
    if (early !== undefined) return early;
    const value = order(index);
    return inPlaceOf.get(value) ?? value;
  };
}
