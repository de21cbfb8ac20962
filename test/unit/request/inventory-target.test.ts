import { describe, expect, it } from 'vitest';
import { seed } from '../../../shared/domain/units.ts';
import { parseRequest } from '../../../shared/request/parse-request.ts';
import { LOCAL_POLICY } from '../../../shared/request/target-policy.ts';
import { planScan } from '../../../shared/usecases/plan-scan.ts';
import { manualClock } from '../../helpers/manual-clock.ts';
import { freshScanId } from '../../helpers/sample-scan.ts';

const parsed = (target: string) => parseRequest({ targets: [target], ports: '1' });

describe('The target "aws"', () => {
  it.each([
    ['aws', { regions: [], tags: [] }],
    ['aws:region=eu-west-1', { regions: ['eu-west-1'], tags: [] }],
    ['aws:region=us-gov-west-1,region=eu-west-1', { regions: ['us-gov-west-1', 'eu-west-1'], tags: [] }],
    [
      'aws:tag:env=prod,tag:owner=',
      {
        regions: [],
        tags: [
          { key: 'env', value: 'prod' },
          { key: 'owner', value: '' },
        ],
      },
    ],
  ])('is read with its filters: %s', (text, filter) => {
    const request = parsed(text);
    expect(request.ok && request.value.inventory.map((each) => each.filter)).toEqual([filter]);
  });

  it.each([
    'aws:',
    'aws:eu-west-1',
    'aws:region=',
    'aws:region=eu west',
    'aws:tag:',
    'aws:tag:=x',
    'aws:region=eu-west-1,',
  ])('is refused with a word that is no filter, and with what it should be: %s', (text) => {
    const request = parsed(text);
    expect(request).toMatchObject({
      ok: false,
      errors: [{ code: 'TARGET_UNREADABLE', hint: expect.stringContaining('aws:region=eu-west-1,tag:env=prod') }],
    });
  });

  it('needs an account, and a host of that name can be written with a dot', async () => {
    const deps = {
      ...{ clock: manualClock(), policy: LOCAL_POLICY, newId: freshScanId, newSeed: () => seed(1) },
      resolver: { resolve: async () => ['127.0.0.1' as never] },
      fleet: { workers: 1, socketsPerWorker: 100, maxProbesPerChunk: 1_000 },
    };
    const [account, host] = [parsed('aws'), parsed('aws.')];
    if (!account.ok || !host.ok) return expect.unreachable();
    expect(await planScan(account.value, deps)).toMatchObject({
      ok: false,
      errors: [{ code: 'TARGET_UNREADABLE', detail: expect.stringContaining('AWS account'), at: { text: 'aws' } }],
    });
    expect(await planScan(host.value, deps)).toMatchObject({ ok: true });
  });
});
