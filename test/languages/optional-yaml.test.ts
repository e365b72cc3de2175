import { expect } from 'chai'
import { runProgram } from '../docs/run-program.ts'
import { inFolder } from './language-folder.ts'

/** Reads a folder in a process that doesn't find the package `yaml`. */
const program = (folder: string) => `
  import Module from 'node:module'
  const find = Module._resolveFilename
  Module._resolveFilename = (name: string, ...rest: unknown[]) => {
    if (name === 'yaml') throw Object.assign(new Error("Cannot find module 'yaml'"), { code: 'MODULE_NOT_FOUND' })
    return find.call(Module, name, ...rest)
  }
  const { loadLanguages } = await import('tribind/languages')
  try {
    console.log((await loadLanguages(${JSON.stringify(folder)})).names.join())
  } catch (error) {
    console.log(error.constructor.name, error.failure, error.message, error.cause.code)
  }
`

describe('the package yaml', function () {
  this.timeout(30_000)

  it('is not needed for JSON', () =>
    inFolder({ 'en-US.json': {} }, async (folder) => {
      expect(await runProgram(program(folder))).to.deep.equal({ stdout: 'en-US\n', stderr: '' })
    }))

  it('is named by a ConfigError where it is missing', () =>
    inFolder({ 'en-US.json': {}, 'de.yaml': 'a: b' }, async (folder) => {
      const { stdout } = await runProgram(program(folder))
      expect(stdout.trim()).to.equal(
        `ConfigError ERR_TRIBIND_PACKAGE_MISSING ${folder}/de.yaml needs the package "yaml", which could not be loaded: ` +
          'run npm install yaml@2, or write the lines as JSON MODULE_NOT_FOUND',
      )
    }))
})
