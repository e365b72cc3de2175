import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Compiles a module that uses tribind as an application does, and gives what the compiler prints. */
export function compile(source: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tribind-types-'))
  const options = {
    paths: {
      tribind: [join(root, 'lib/index.ts')],
      'tribind/*': [join(root, 'lib/*.ts')],
      zod: [join(root, 'node_modules/zod/index.d.ts')],
    },
    typeRoots: [join(root, 'node_modules/@types')],
    types: ['node'],
    noUnusedLocals: false,
  }
  try {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
    writeFileSync(join(folder, 'application.ts'), source)
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: join(root, 'tsconfig.json'),
        compilerOptions: options,
        include: ['application.ts'],
        exclude: [],
      }),
    )
    const { stdout, stderr } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder, '--pretty', 'false'], {
      cwd: folder,
      encoding: 'utf8',
    })
    return stdout + stderr
  } finally {
    rmSync(folder, { recursive: true })
  }
}
