// Makes a lab, says its device, and holds it until it is killed: for the test that nothing outlives it.
import { once } from 'node:events';
import { withLab } from '../../bench/lab/lab.ts';

await withLab({}, async (lab) => {
  process.stdout.write(`${lab.nearDevice}\n`);
  await once(process.stdin.resume(), 'end');
});
