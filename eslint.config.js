import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      'packages/agvm/bundle/**',
      'packages/agvm/kernel-bundles/**',
      '**/build/**',
      'node_modules/**',
      'third_party/**',
      // Vat and kernel code runs in SwingSet's own dialect of JavaScript.
      'packages/vats/**',
      'test/chain/fixture-agoric.mjs',
      // Scripts of pages, as a browser reads them.
      'go/traceview/*.js',
      // Plain programs of users.
      'test/clients/fixture-*.mjs',
      'examples/hello/main.mjs',
      'test/ibc/vats/*.js',
      'test/bench/chain/vats/*.js',
      'test/jail/*.mjs',
      'test/oracle/kernel-process.mjs',
      'packages/agvm/bin/**',
      'packages/agvm/test/fixture-bundles.mjs',
      'tools/node-version.mjs',
      'tools/packages/prepack.mjs',
      'packages/*/addon.*cts',
      'packages/*/addon.cjs',
      'packages/ab/bin/**',
      'packages/localnet/bin/**',
      'packages/create/bin/**',
      'packages/create/template/**',
      // Preloaded into Node.js as it is.
      'test/lifecycle/fixture-*.cjs',
      // An operator's file; the compiler checks its types.
      'examples/*/shop/**',
      'eslint.config.js',
      '.agd/**',
      '.agd-core/**',
      '.agd-localnet/**',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
    },
  },
  {
    // ava's titles are sentences; its test() returns nothing to await.
    files: ['**/*.test.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
