import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEFAULTS } from '../../cdk/settings.ts';
import { resourcesOf, synthesize } from './stack.ts';

const page = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const resources = resourcesOf(synthesize().template);

describe('The documents', () => {
  it('say of every alarm what it means and what to do', () => {
    const alarms = resources.filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm');
    const names = alarms.map(([id]) => id.replace(/^Alarms(.*)[0-9A-F]{8}$/, '$1'));
    const headings = [...page('operate.md').matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
    expect(headings.sort()).toEqual(names.sort());
  });

  it('list every setting with its default', () => {
    const rows = new Map(
      [...page('deploy.md').matchAll(/^\| `(\w+)` \| `?(\w+)`? \|/gm)].map(([, name, value]) => [name, value]),
    );
    for (const [name, value] of Object.entries(DEFAULTS)) {
      expect([name, rows.get(name)]).toEqual([name, Array.isArray(value) ? 'nothing' : `${value ?? 'none'}`]);
    }
  });

  it('name, for who deploys, some action of every service that the stack is made of', () => {
    const [, json = ''] = /<!-- deploy-policy -->\n```json\n([\s\S]*?)```/.exec(page('deploy.md')) ?? [];
    const { Statement } = JSON.parse(json) as { Statement: { Action: string | string[] }[] };
    const allowed = new Set(Statement.flatMap(({ Action }) => Action).map((action) => action.split(':')[0]));
    const SERVICE: Record<string, string> = { ApiGatewayV2: 'apigateway' };
    const services = resources.map(([, { Type }]) => Type.split('::')[1] ?? '').filter((name) => name !== 'CDK');
    const needed = [...new Set(services)].map((name) => SERVICE[name] ?? name.toLowerCase());
    expect(needed.filter((name) => !allowed.has(name))).toEqual([]);
  });
});
