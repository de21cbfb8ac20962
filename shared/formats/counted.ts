/** "1 port", "65,535 ports": always with the thousands apart, in every locale the same. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${thousands(count)} ${count === 1 ? one : many}`;

export const thousands = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');
