import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'
import type { ServerOptions } from '../index.ts'
import { describeType } from './describe-issue.ts'
import {
  completeEntryPoint,
  isObject,
  type JsonSchema,
  parseTrust,
  type ReadServerOptions,
  serverOptions,
} from '../kit.ts'

type Issue = StandardSchemaV1.Issue

/** The options that are always set, since they have a default. */
type Defaulted = {
  [Name in keyof ServerOptions]-?: object extends Pick<ReadServerOptions, Name> ? never : Name
}[keyof ServerOptions]

/** The options of a server as a configuration has them: in the form in which they were set, with the defaults. */
export type ServerSettings = Omit<ServerOptions, Defaulted | 'config'> &
  Required<Omit<Pick<ServerOptions, Defaulted>, 'logger'>>

type ReadOptions = ReturnType<typeof serverOptions.parse>

const drafts: Readonly<Record<string, string>> = {
  'draft-2020-12': 'https://json-schema.org/draft/2020-12/schema',
  'draft-07': 'http://json-schema.org/draft-07/schema#',
}

/**
 * Describes every option of the server that data can set, as the server checks them. What only code can set, such as `logger`, may be
 * in the option `values` of `loadConfig`.
 */
export const serverSchema: StandardSchemaV1<ServerOptions, ServerSettings> &
  StandardJSONSchemaV1<ServerOptions, ServerSettings> = {
  '~standard': {
    version: 1,
    vendor: 'tribind',
    validate,
    jsonSchema: { input: createJsonSchema, output: createJsonSchema },
  },
}

function validate(given: unknown): StandardSchemaV1.Result<ServerSettings> {
  if (!isObject(given)) return { issues: [{ message: `must be an object, got ${describeType(given)}` }] }
  const issues: Issue[] = []
  const report = (error: Error) => void issues.push(readIssue(error.message))
  const read = serverOptions.parse(given, '', report)
  for (const check of laterChecks(read, issues.length === 0)) {
    try {
      check()
    } catch (error) {
      report(error as Error)
    }
  }
  return issues.length > 0 ? { issues } : { value: serverOptions.complete(given, read) as ServerSettings }
}

/** Lists the checks that a server makes when it is created. @param isValid whether the table found nothing wrong */
function laterChecks(read: Partial<ReadOptions>, isValid: boolean): (() => unknown)[] {
  const { entryPoints = {}, trustProxy = false } = read
  const named = isValid ? Object.entries(entryPoints) : []
  return [
    () => parseTrust(trustProxy),
    ...named.map(
      ([name, options]) =>
        () =>
          completeEntryPoint(name, options, read as ReadOptions),
    ),
  ]
}

/** Returns the issue that a message about an option is. Unknown ones are issues as zod reports them. */
function readIssue(message: string): Issue {
  const [, unknown, name, rest = ''] = /^(unknown )?options? "([^"]+)":?(.*)$/s.exec(message) ?? []
  if (name === undefined) return { message }
  const path = name.replaceAll(/\[(\d+)\]/g, '.$1').split('.')
  if (unknown === undefined) return { message: rest.trim(), path }
  if (!/^(?:, did you mean|\. Known)/.test(rest)) return { message: `is not a known option:${rest}`, path }
  return Object.assign({ message, path: path.slice(0, -1) }, { code: 'unrecognized_keys', keys: path.slice(-1) })
}

function createJsonSchema({ target }: StandardJSONSchemaV1.Options): Record<string, unknown> {
  const draft = Object.hasOwn(drafts, target) ? drafts[target] : undefined
  if (draft === undefined)
    throw new TypeError(`serverSchema has a JSON Schema of ${Object.keys(drafts).join(' and ')}, not of ${target}`)
  const schema: JsonSchema = serverOptions.jsonSchema()
  return { $schema: draft, ...schema }
}
