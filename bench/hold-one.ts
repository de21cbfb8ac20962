import { HOSTILE_BODIES } from '../test/fixtures/hostile-requests.ts';
import { measureHolds } from './hold.ts';

// One kind of request in a process of its own, for `npm run bench:parsers`: node … bench/hold-one.ts INDEX
const row = HOSTILE_BODIES[Number(process.argv[2])];
if (!row) throw new RangeError('no such kind');
console.log(JSON.stringify(await measureHolds(row)));
