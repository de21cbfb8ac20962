import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

const TABLE = /registry\/service-table\.ts$/;

/**
 * The registry of service names is 70 KB of text. In the page it is data that is fetched when a request is first read,
 * not script that every reader of a report waits for.
 */
const tableAsData = {
  name: 'service-table-as-data',
  setup({ onLoad }) {
    onLoad({ filter: TABLE }, async ({ path }) => {
      const { TCP_SERVICES, UDP_DIFFERENCES } = await tableOf(path);
      const contents = `${TCP_SERVICES}\0${UDP_DIFFERENCES}`;
      await writeFile('dist/web/assets/services.txt', contents);
      return {
        contents: `const response = await fetch(new URL('./services.txt', import.meta.url));
const [tcp, udp] = (await response.text()).split('\\0');
export const TCP_SERVICES = tcp;
export const UDP_DIFFERENCES = udp;`,
        loader: 'js',
      };
    });
  },
};

/** The module holds two template strings and nothing else that runs. */
async function tableOf(path) {
  const text = await readFile(path, 'utf8');
  const [, tcp, udp] = /TCP_SERVICES = `([^`]*)`[\s\S]*UDP_DIFFERENCES = `([^`]*)`/.exec(text) ?? [];
  return { TCP_SERVICES: tcp, UDP_DIFFERENCES: udp };
}

/** Bundles the page into dist/web: hashed assets, and the index.html that names them. Gives the files it wrote. */
export async function buildWeb() {
  await mkdir('dist/web/assets', { recursive: true });
  const { metafile } = await build({
    metafile: true,
    entryPoints: ['web/main.tsx'],
    outdir: 'dist/web/assets',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome120', 'firefox121', 'safari17'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    plugins: [tableAsData],
    logLevel: 'warning',
  });
  const outputs = Object.entries(metafile.outputs);
  const [script, { cssBundle }] = outputs.find(([, { entryPoint }]) => entryPoint === 'web/main.tsx');
  const page = (await readFile('web/index.html', 'utf8'))
    .replace('%STYLE%', `/assets/${basename(cssBundle)}`)
    .replace('%SCRIPT%', `/assets/${basename(script)}`)
    .replace('%ICON%', '/assets/icon.svg')
    .replace('%VERSION%', JSON.parse(await readFile('package.json', 'utf8')).version);
  await writeFile('dist/web/index.html', page);
  await writeFile('dist/web/assets/icon.svg', await readFile('web/icon.svg'));
  const fixed = ['index.html', 'assets/icon.svg', 'assets/services.txt'].map((file) => join('dist/web', file));
  return [...Object.keys(metafile.outputs), ...fixed];
}
