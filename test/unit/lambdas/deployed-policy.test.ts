import { describe, expect, it } from 'vitest';
import { deployedPolicy } from '../../../lambdas/deployed-policy.ts';
import { readEnvironment } from '../../../lambdas/env.ts';
import type { Address } from '../../../shared/domain/units.ts';
import { type Policy, prohibitions } from '../../../shared/request/target-policy.ts';

const LOOPBACK = '127.0.0.1' as Address;

const isForbidden = (policy: Policy, address: Address): boolean => prohibitions(policy)(address) !== undefined;

describe('What a deployment may scan', () => {
  it('is nothing where no scope is set', () => {
    expect(deployedPolicy({}).scope).toEqual({ ranges: [], names: [] });
    expect(isForbidden(deployedPolicy({}), '1.1.1.1' as Address)).toBe(true);
  });

  it('is what the scope lists, in blocks, addresses and names', () => {
    const { scope } = deployedPolicy({ PORTFLEET_SCOPE: ' 1.1.1.0/24 , 2606:4700::1,example.com,*.example.org' });
    expect(scope).toEqual({
      ranges: [
        { first: '1.1.1.0', last: '1.1.1.255' },
        { first: '2606:4700::1', last: '2606:4700::1' },
      ],
      names: ['example.com', '*.example.org'],
    });
  });

  it.each(['1.1.1.0/33', '*.1.1.1.1', 'exa mple.com', '010.0.0.1'])(
    'is not guessed from a scope like "%s"',
    (entry) => {
      expect(() => deployedPolicy({ PORTFLEET_SCOPE: `1.1.1.1,${entry}` })).toThrow();
    },
  );

  it('takes in private networks only where the owner says so', () => {
    const scope = { PORTFLEET_SCOPE: '10.0.0.0/8' };
    const inside = '10.1.2.3' as Address;
    expect(isForbidden(deployedPolicy(scope), inside)).toBe(true);
    expect(isForbidden(deployedPolicy({ ...scope, PORTFLEET_ALLOW_PRIVATE: 'true' }), inside)).toBe(false);
  });

  it.each([
    undefined,
    '',
    'https://dynamodb.us-east-1.amazonaws.com',
    'http://localhost.example.com:4566',
    'http://10.0.0.7:4566',
    'not a URL',
  ])('never takes in loopback, whatever is set, while AWS is at %j', (endpoint) => {
    const env = { PORTFLEET_SCOPE: '127.0.0.0/8', PORTFLEET_EMULATED_LOOPBACK: 'true', AWS_ENDPOINT_URL: endpoint };
    expect(isForbidden(deployedPolicy(env), LOOPBACK)).toBe(true);
  });

  it('takes in loopback under an emulator on the same machine, where a test asks for it', () => {
    const env = { PORTFLEET_SCOPE: '127.0.0.0/8', AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' };
    expect(isForbidden(deployedPolicy(env), LOOPBACK)).toBe(true);
    expect(isForbidden(deployedPolicy({ ...env, PORTFLEET_EMULATED_LOOPBACK: 'true' }), LOOPBACK)).toBe(false);
  });
});

describe('The environment of a function', () => {
  it('tells everything that is wrong with it at once', () => {
    const env = readEnvironment({ TABLE: ' ', DAYS: '3.5' });
    env.text('TABLE');
    env.whole('DAYS');
    env.text('QUEUE');
    env.wholeOrNull('QUOTA');
    expect(() => env.check()).toThrow(/TABLE is not set.*DAYS is "3.5".*QUEUE is not set/);
  });
});
