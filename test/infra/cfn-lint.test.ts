import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Resource, synthesize } from './stack.ts';

/**
 * A second witness beside the validator that CDK brings: CloudFormation's own linter, with its own copy of the schemas.
 * W3005 finds dependencies that CDK writes although a reference says the same.
 */
const IGNORED = 'W3005';

const isThere = spawnSync('cfn-lint', ['--version']).status === 0;
if (!isThere) console.warn('The template is not shown to cfn-lint, which is not installed (.ci/python-packages).');

const OUTSIDE = { scope: '192.0.2.0/24', monthlyBudget: '20' };
const INSIDE = {
  ...{
    scope: '10.0.0.0/16',
    allowPrivate: 'true',
    vpcSubnets: 'subnet-0123456789abcdef0',
    vpcSecurityGroups: 'sg-01234567',
  },
  ...{ vpcIpv6: 'true', vpcId: 'vpc-01234567', vpcRouteTables: 'rtb-01234567', retain: 'true' },
};

/** What cfn-lint says of templates, by their names; in one call, because it takes seconds to start. */
function lint(templates: Readonly<Record<string, object>>): Record<string, string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'portfleet-cfn-lint-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, template] of Object.entries(templates)) writeFileSync(join(folder, name), JSON.stringify(template));
  const files = Object.keys(templates);
  const args = ['--format', 'parseable', '--ignore-checks', IGNORED, '--', ...files];
  const { stdout } = spawnSync('cfn-lint', args, { cwd: folder, encoding: 'utf8' });
  const lines = stdout.split('\n');
  return Object.fromEntries(files.map((name) => [name, lines.filter((line) => line.startsWith(`${name}:`))]));
}

/** With a function on a runtime that there is no more: without a finding there, silence on the others would mean nothing. */
function spoiled(): object {
  const template = synthesize(OUTSIDE).template.toJSON();
  const resources = Object.values(template['Resources'] as Record<string, Resource>);
  const lambda = resources.find(({ Type }) => Type === 'AWS::Lambda::Function');
  if (lambda) lambda.Properties['Runtime'] = 'nodejs4.3';
  return template;
}

describe.skipIf(!isThere)('cfn-lint', () => {
  it('has nothing to say of a deployment, outside of a VPC and inside', () => {
    const [outside, inside] = [synthesize(OUTSIDE), synthesize(INSIDE)];
    const found = lint({ outside: outside.template.toJSON(), inside: inside.template.toJSON(), spoiled: spoiled() });
    expect(found).toEqual({ outside: [], inside: [], spoiled: [expect.stringContaining('nodejs4.3')] });
  });
});
