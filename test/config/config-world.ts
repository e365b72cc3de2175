import { expect } from 'chai'
import { ConfigError, type ConfigIssue } from 'tribind'
import { type Config, loadConfig, type LoadConfigOptions } from 'tribind/config'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { temporaryFolder } from '../feature/temporary-folder.ts'

type Result = StandardSchemaV1.Result<unknown> | Promise<StandardSchemaV1.Result<unknown>>

/** A schema made by hand, of no library. */
export function schemaOf(validate: (value: unknown) => Result): StandardSchemaV1 {
  return { '~standard': { version: 1, vendor: 'by-hand', validate } }
}

/** A schema that takes everything. */
export const anything = schemaOf((value) => ({ value }))

type Options = Omit<Partial<LoadConfigOptions>, 'file'> & { readonly order?: readonly string[] }

/** Loads files, by their names; all in their order, or those in `order`. There are no variables, unless they are given. */
export function loadFiles(files: Record<string, string | Buffer>, options: Options = {}): Promise<Config> {
  const folder = temporaryFolder(files)
  const { order = Object.keys(files), ...rest } = options
  return loadConfig({ schema: anything, env: {}, ...rest, file: order.map((name) => `${folder}/${name}`) })
}

/** Loads values without a file. */
export function loadValues(values: object, options: Options = {}): Promise<Config> {
  return loadConfig({ schema: anything, env: {}, ...options, values })
}

/** The error that a promise rejects with, which must be a ConfigError. */
export async function refusal(promise: Promise<unknown>): Promise<ConfigError> {
  const error = await promise.then(
    () => new Error('nothing was refused'),
    (error: unknown) => error as Error,
  )
  if (!(error instanceof ConfigError)) throw error
  return error
}

/** The issues that a promise rejects with. */
export async function issuesOf(promise: Promise<unknown>): Promise<readonly ConfigIssue[]> {
  const error = await refusal(promise)
  expect(error.issues, error.message).to.be.an('array')
  return error.issues ?? []
}
