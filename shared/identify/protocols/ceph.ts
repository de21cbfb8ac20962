import { wordsMatcher } from './kit/words.ts';

export const ceph = wordsMatcher({
  name: 'ceph',
  source: 'Ceph messenger protocols 1 ("ceph v027") and 2 ("ceph v2")',
  ports: [3300, 6789, 6800, 6801, 6802, 6803],
  words: [
    { after: null, pattern: /^ceph v2\n/, is: { product: 'Ceph', info: 'messenger 2' } },
    { after: null, pattern: /^ceph v027/, is: { product: 'Ceph', info: 'messenger 1' } },
  ],
});
