import { appendFileSync } from 'node:fs';
import { relative } from 'node:path';

/**
 * A reporter that keeps, in the file of `UNSTEADY`, a line for each test that failed and for each that passed only at its
 * second try: CI prints them before its closing line, where nobody has to look for them among thousands.
 */
export default class Unsteady {
  onTestCaseResult(test) {
    const { state, errors = [] } = test.result();
    const flaky = test.diagnostic()?.flaky === true;
    if (state === 'failed' || flaky) note(flaky ? 'passed at the second try' : 'FAILED', test, errors);
  }

  onTestRunEnd(modules, unhandled) {
    for (const module of modules) {
      for (const part of [module, ...module.children.allSuites()])
        if (part.errors().length > 0) note('FAILED outside of its tests', part, part.errors());
    }
    for (const error of unhandled) line('FAILED: nobody handled', '', [error]);
  }
}

const note = (what, { module, moduleId = module.moduleId, fullName = '' }, errors) =>
  line(what, `${relative(process.cwd(), moduleId)} > ${fullName}`, errors);

function line(what, where, errors) {
  const why = String(errors[0]?.message ?? '').split('\n', 1)[0];
  appendFileSync(process.env.UNSTEADY, `${what}: ${where}: ${why}\n`);
}
