// Makes dist/: the types by tsc, the code by esbuild.
//
// Bundled, since Node.js takes a third of a millisecond for each module it loads and there are some 150 of them; left
// readable, as people step through it. Packages stay imports. docs/performance.md says what it saves.

import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { build } from 'esbuild'

// Chunks are named after what is in them: those of the build before would be packed too.
rmSync('dist', { recursive: true, force: true })
const compiler = ['node_modules/@typescript/native/bin/tsc', '-p', 'tsconfig.build.json']
const { status } = spawnSync(process.execPath, compiler, { stdio: 'inherit' })
if (status !== 0) process.exit(1)
await build({
  entryPoints: ['lib/index.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  logLevel: 'warning',
})
