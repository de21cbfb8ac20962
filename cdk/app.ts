import { fileURLToPath } from 'node:url';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { PortfleetStack } from './portfleet-stack.ts';
import { readSettings } from './settings.ts';

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
new PortfleetStack(app, app.node.tryGetContext('stackName') ?? 'Portfleet', {
  settings: readSettings(app.node),
  // Where scripts/synth.mjs, which runs this, has put them: beside the bundle of this app.
  bundles: fileURLToPath(new URL('../lambdas', import.meta.url)),
});
app.synth();
