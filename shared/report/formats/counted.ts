/** "1 port", "65535 ports": digits without separators, so that they can be searched for. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** "65,535", for figures that are to be taken in at a glance; in every locale the same. */
export const thousands = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');
