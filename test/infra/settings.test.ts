import { App } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { DEFAULTS, readSettings, type Settings } from '../../cdk/settings.ts';
import { deployedPolicy } from '../../lambdas/deployed-policy.ts';

const settings = (context: Record<string, unknown>): Settings => readSettings(new App({ context }).node);

describe('The settings of a deployment', () => {
  it('scan nothing unless the owner says what', () => {
    expect(settings({})).toEqual(DEFAULTS);
    expect(DEFAULTS.scope).toEqual([]);
  });

  it('can come as strings, as "cdk deploy -c" gives them', () => {
    const given = {
      scope: '1.1.1.0/24, *.example.com',
      allowPrivate: 'true',
      maxConcurrency: '10',
      retentionDays: '7',
      ratePerTarget: 'none',
      dailyProbeQuota: '1000',
      dailyWorkerHours: '2',
      scansAtOnce: 'none',
      retain: 'false',
      monthlyBudget: '20',
      watches: 'false',
      events: 'false',
      securityHub: 'true',
      account: 'true',
      vpcSubnets: 'subnet-01234567, subnet-0123456789abcdef0',
      vpcSecurityGroups: 'sg-01234567',
      vpcIpv6: 'true',
      vpcId: 'vpc-01234567',
      vpcRouteTables: 'rtb-01234567',
    };
    expect(settings(given)).toEqual({
      scope: ['1.1.1.0/24', '*.example.com'],
      allowPrivate: true,
      maxConcurrency: 10,
      retentionDays: 7,
      ratePerTarget: null,
      dailyProbeQuota: 1_000,
      dailyWorkerHours: 2,
      scansAtOnce: null,
      retain: false,
      monthlyBudget: 20,
      watches: false,
      events: false,
      securityHub: true,
      account: true,
      vpcSubnets: ['subnet-01234567', 'subnet-0123456789abcdef0'],
      vpcSecurityGroups: ['sg-01234567'],
      vpcIpv6: true,
      vpcId: 'vpc-01234567',
      vpcRouteTables: ['rtb-01234567'],
    });
  });

  it('are refused where they contradict each other, with what is missing', () => {
    expect(() => settings({ allowPrivate: 'true' })).toThrow('"allowPrivate" needs "vpcSubnets"');
    expect(() => settings({ vpcSubnets: 'subnet-01234567' })).toThrow(
      '"vpcSubnets" and "vpcSecurityGroups" go together',
    );
    expect(() => settings({ vpcId: 'vpc-01234567' })).toThrow('are for the endpoints of "vpcSubnets"');
    expect(() => settings({ vpcSubnets: 'vpc-1' })).toThrow('is a list of ids like "subnet-0123456789abcdef0"');
  });

  it('are refused all at once, each with what it may be', () => {
    const wrong = { scope: ['1.1.1.1', '1.1.1.1/33'], maxConcurrency: 1, ratePerTarget: 'fast', retain: 'maybe' };
    expect(() => settings(wrong)).toThrow(
      /"scope" has "1.1.1.1\/33".*\n.*"maxConcurrency" is a whole number from 2.*\n.*"ratePerTarget" is.*\n.*"retain" is true or false/,
    );
  });

  it.each(['1.2.3', '010.0.0.1', '1.1.1.1-20', '*', 'exa_mple..com', 'host.123', '-x.com', 'https://example.com'])(
    'do not take "%s" for something that could be scanned',
    (entry) => {
      expect(() => settings({ scope: [entry] })).toThrow('scope');
    },
  );

  it('let through only what the functions can read', () => {
    const scope = ['1.1.1.1', '8.8.8.0/24', '2606:4700::/32', 'example.com', '*.example.org', 'xn--bcher-kva.example'];
    const policy = deployedPolicy({ PORTFLEET_SCOPE: settings({ scope }).scope.join(',') });
    expect(policy.scope?.ranges).toHaveLength(3);
    expect(policy.scope?.names).toHaveLength(3);
  });

  it('are too long where the variables of a function could not hold them', () => {
    const scope = Array.from({ length: 300 }, (_, at) => `1.1.${at % 256}.0/24`);
    expect(() => settings({ scope })).toThrow('can hold 2048');
  });
});
