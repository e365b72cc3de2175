// Makes dist/: the types by tsc, the code by esbuild. With --code, the code alone, for tests that run processes.
//
// Bundled, since Node.js takes a third of a millisecond for each module it loads and there are some 300 of them; left
// readable, as people step through it. Packages stay imports. docs/performance.md says what it saves.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'

// Chunks are named after what is in them: those of the build before would be packed too.
rmSync('dist', { recursive: true, force: true })
if (!process.argv.includes('--code')) {
  const compiler = ['node_modules/@typescript/native/bin/tsc', '-p', 'tsconfig.build.json']
  const { status } = spawnSync(process.execPath, compiler, { stdio: 'inherit' })
  if (status !== 0) process.exit(1)
}
// In an ES module esbuild would make another call of `require`, which the bundlers of applications don't know.
const placeholder = 'requireOfBundler'
const { metafile, outputFiles } = await build({
  entryPoints: [
    'index',
    'testing',
    'admin',
    'cli',
    'config',
    'database',
    'forward',
    'languages',
    'openapi',
    'providers',
  ].map((name) => `lib/${name}.ts`),
  outdir: 'dist',
  bundle: true,
  // All entries are to have the same classes; chunks lie beside them, in what lib/own-folder.ts takes for ours.
  splitting: true,
  chunkNames: '[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  logLevel: 'warning',
  define: { require: placeholder },
  metafile: true,
  write: false,
})
mkdirSync('dist', { recursive: true })
for (const { path, text } of outputFiles) writeFileSync(path, text.replaceAll(placeholder, 'require'))
// Which file has what: .ci/coverage.mjs leaves out those of wings alone.
mkdirSync('node_modules/.cache/tribind', { recursive: true })
writeFileSync('node_modules/.cache/tribind/build.json', JSON.stringify(metafile))
// By which editors complete and check configurations.
const { configurationSchema } = await import('./dist/providers.js')
writeFileSync('dist/configuration.schema.json', `${JSON.stringify(configurationSchema, undefined, 2)}\n`)
const { loadServicesSchema } = await import('./dist/cli.js')
writeFileSync('dist/services.schema.json', `${JSON.stringify(await loadServicesSchema(), undefined, 2)}\n`)
// The page of the administration, which it looks for beside itself.
cpSync('lib/admin/page', 'dist/page', { recursive: true })
