/** esbuild's options for whatever runs under Node: one module, for the oldest Node that package.json allows. */
export const FOR_NODE = { bundle: true, format: 'esm', platform: 'node', target: 'node20.19', logLevel: 'warning' };

/** What a program that ships adds: its packages are within. */
export const SHIPPED_FOR_NODE = {
  ...FOR_NODE,
  minify: true,
  outExtension: { '.js': '.mjs' },
  // Packages in both forms come as modules, whose unused exports are left out.
  mainFields: ['module', 'main'],
};

/** The same, where the parts that only some runs need are files of their own. */
export const SHIPPED_IN_PARTS = {
  ...SHIPPED_FOR_NODE,
  splitting: true,
  chunkNames: 'parts/[name]-[hash]',
  // Bundled CommonJS packages ask for Node's own modules with require.
  banner: { js: "import{createRequire as __r}from'node:module';const require=__r(import.meta.url);" },
};
