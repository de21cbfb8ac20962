import { fileURLToPath } from 'node:url';
import { App } from 'aws-cdk-lib';
import { PortfleetStack } from '../../cdk/portfleet-stack.ts';
import { readSettings } from '../../cdk/settings.ts';

/**
 * The stack as cdk/app.ts makes it, for an emulator on this machine: with leave to ask 127.0.0.1, which the functions
 * take only where AWS itself is spoken to at 127.0.0.1 (see lambdas/deployed-policy.ts).
 */
const app = new App();
const stack = new PortfleetStack(app, 'Portfleet', {
  settings: readSettings(app.node),
  bundles: fileURLToPath(new URL('../lambdas', import.meta.url)),
});
for (const lambda of [stack.portfleet.api, stack.portfleet.worker, stack.portfleet.watcher]) {
  lambda.addEnvironment('PORTFLEET_EMULATED_LOOPBACK', 'true');
}
app.synth();
