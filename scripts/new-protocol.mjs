/**
 * Makes a protocol ready to be filled in: npm run new:protocol NAME
 *
 *   shared/identify/protocols/NAME.ts    the matcher: where it is described, usual ports, what to ask, how to know it
 *   test/fixtures/answers/NAME.ts        what a real server said, and what that is; test/unit/protocols.test.ts reads it
 *
 * and lists it in shared/identify/protocols/all.ts, before `http`. Run `npm run docs` when it is done.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const name = process.argv[2] ?? '';
if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
  console.error('Name the protocol in lower case, as in: npm run new:protocol open-vpn');
  process.exit(2);
}

const PROTOCOLS = 'shared/identify/protocols';
const ALL = join(PROTOCOLS, 'all.ts');
const identifier = name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());

const matcher = `import { type Matcher, SURE } from './kit/matcher.ts';

/** What the service says first. */
const GREETING = /^${name} (\\d[\\w.]*)\\r\\n/;

export const ${identifier}: Matcher = {
  name: '${name}',
  source: 'the document that ${name} is specified in, with the section',
  ports: [],
  tlsPorts: [],
  // Null where the server speaks first; else { name: '${name}', bytes: () => … }.
  question: null,
  match({ text, asked }) {
    const version = asked === null ? GREETING.exec(text)?.[1] : undefined;
    return version === undefined ? null : { name: '${name}', version, confidence: SURE };
  },
};
`;

const fixture = `import type { Answer } from '../answer.ts';

export const answers: readonly Answer[] = [
  {
    from: 'the package and version that it was recorded from, or the document that it was written from',
    asked: null,
    text: '${name} 1.0\\r\\n',
    is: { name: '${name}', version: '1.0', confidence: 10 },
  },
];
`;

/** The table with the new protocol: imports stay in alphabetical order, and what is particular stands before http. */
function listed(text) {
  const line = `import { ${identifier} } from './${name}.ts';`;
  const lines = text.split('\n');
  const pathOf = (each) => /from '\.\/([^']+)\.ts'/.exec(each)?.[1];
  const after = lines.findIndex((each) => (pathOf(each) ?? '') > name);
  lines.splice(after === -1 ? lines.findLastIndex((each) => pathOf(each)) + 1 : after, 0, line);
  return lines.join('\n').replace('\n  http,\n', `\n  ${identifier},\n  http,\n`);
}

const files = { [join(PROTOCOLS, `${name}.ts`)]: matcher, [`test/fixtures/answers/${name}.ts`]: fixture };
for (const path of Object.keys(files)) {
  if (!existsSync(path)) continue;
  console.error(`${path} exists already: edit it, or choose another name`);
  process.exit(1);
}
for (const [path, text] of Object.entries(files)) {
  writeFileSync(path, text);
  console.log(`made   ${path}`);
}
writeFileSync(ALL, listed(readFileSync(ALL, 'utf8')));
console.log(`listed in ${ALL}`);
