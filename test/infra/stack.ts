import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { FUNCTION_SIZES } from '../../cdk/function-sizes.ts';
import { PortfleetStack } from '../../cdk/portfleet-stack.ts';
import { readSettings } from '../../cdk/settings.ts';
import cdkJson from '../../cdk.json' with { type: 'json' };

/** A stack as `cdk synth` makes it, without the minute of bundling: its functions are empty files. */
export interface SynthesizedStack {
  readonly template: Template;
  /** What cdk-nag and the CloudFormation validator found, of whatever severity. */
  readonly findings: readonly string[];
  readonly acknowledged: readonly { readonly ruleName: string; readonly reason: string }[];
}

/** With the context of cdk.json, and what `-c` would add to it. `spoil` may put something into the stack that is wrong. */
export function synthesize(
  context: Readonly<Record<string, unknown>> = {},
  spoil: (stack: PortfleetStack) => void = () => {},
): SynthesizedStack {
  const folder = mkdtempSync(join(tmpdir(), 'portfleet-infra-'));
  try {
    const outdir = join(folder, 'out');
    const app = new App({ outdir, context: { ...cdkJson.context, ...context } });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const stack = new PortfleetStack(app, 'Portfleet', {
      settings: readSettings(app.node),
      bundles: emptyBundles(folder),
    });
    spoil(stack);
    app.synth();
    return { template: Template.fromStack(stack), ...readFindings(outdir) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function emptyBundles(folder: string): string {
  const bundles = join(folder, 'bundles');
  for (const name of Object.keys(FUNCTION_SIZES)) {
    mkdirSync(join(bundles, name), { recursive: true });
    writeFileSync(join(bundles, name, 'index.mjs'), '');
  }
  return bundles;
}

interface Violation {
  readonly ruleName: string;
  readonly description: string;
  readonly reason?: string;
}

interface ValidationReport {
  readonly pluginReports: readonly {
    readonly violations?: readonly Violation[];
    readonly suppressedViolations?: readonly Violation[];
  }[];
}

/** What the validators wrote beside the template; nothing where there was nothing to write. */
function readFindings(folder: string): Pick<SynthesizedStack, 'findings' | 'acknowledged'> {
  const path = join(folder, 'validation-report.json');
  const { pluginReports } = existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as ValidationReport)
    : { pluginReports: [] };
  return {
    findings: pluginReports.flatMap(({ violations = [] }) =>
      violations.map(({ ruleName, description }) => `${ruleName}: ${description}`),
    ),
    acknowledged: pluginReports.flatMap(({ suppressedViolations = [] }) =>
      suppressedViolations.map(({ ruleName, reason = '' }) => ({ ruleName, reason })),
    ),
  };
}

/** A resource of the template, as far as the tests look at it. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
}

export const resourcesOf = (template: Template): [id: string, resource: Resource][] =>
  Object.entries(template.toJSON()['Resources'] as Record<string, Resource>);
