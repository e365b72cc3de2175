import shared from './.mocharc.mjs'

/** Of the build, so without the condition that leads to the sources, and only tests that import nothing else. */
export default {
  ...shared,
  'node-option': ['import=tsx'],
  spec: [
    'test/feature/**/*.test.ts',
    'test/session/**/*.test.ts',
    'test/declare/**/*.test.ts',
    'test/testing/**/*.test.ts',
    'test/examples/**/*.test.ts',
  ],
}
