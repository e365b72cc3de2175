import { ConfigError, type ConfigIssue } from '../index.ts'
import { defineOptions, isObject, option, type OptionTable } from '../kit.ts'
import { checkValues } from './check-values.ts'
import { Config } from './config.ts'
import { createConfigError, createIssue, describeUnknown, listIssues, sortIssues } from './config-issues.ts'
import { type ConfigNode, findNode, mergeNodes, type Path } from './config-node.ts'
import { expand, type LookUp } from './expand.ts'
import { isKnownKind, kinds, readLayers } from './read-layers.ts'
import { type ConfigSchema, type ConfigValues, isConfigSchema, isSchema, type Part, partsOf } from './schemas.ts'
import { toNode } from './to-node.ts'

/** What `loadConfig` loads, and how it is checked. */
export interface LoadConfigOptions<Schema extends ConfigSchema = ConfigSchema> {
  /** A Standard Schema of any library, or an object of such by name, each for the part of that name. */
  schema: Schema
  /** The paths of files, the lowest layer first: `.json`, `.jsonc`, `.yaml`, `.yml` and `.toml`; those that are `.env` add names for `${}`. Default: none. */
  file?: string | URL | readonly (string | URL)[]
  /** Each file `config.yaml` is followed by `config.ENVIRONMENT.yaml` where there is one. Default: `TRIBIND_ENV` in `env`, else `NODE_ENV`. */
  environment?: string
  /** What `${NAME}` stands for. Default: `process.env`. */
  env?: Readonly<Record<string, string | undefined>>
  /** The last layer. Default: none. */
  values?: object
}

const environmentWords = 'letters, digits, ".", "_" and "-"'

/** The table of the options of `loadConfig`. */
export const loadConfigOptions: OptionTable<LoadConfigOptions, LoadConfigOptions> = defineOptions(
  {
    schema: option(isConfigSchema, 'a Standard Schema, or an object of such by name', { required: true }),
    file: option(isFiles, 'a path, a file: URL, or an array of such', { defaultText: 'none' }),
    environment: option(isEnvironment, environmentWords, {
      defaultText: '`TRIBIND_ENV`, else `NODE_ENV`',
    }),
    env: option(isEnv, 'an object of strings', { defaultText: '`process.env`', secret: true }),
    values: option(isObject, 'an object', { defaultText: 'none', secret: true }),
  },
  { owner: 'loadConfig', instead: { files: 'write them in "file"' }, check: findWrongKind },
)

/**
 * Loads a configuration: reads the files, replaces `${NAME}` in texts, and checks the values by the schema.
 *
 * @throws ConfigError with all `issues`: `ERR_TRIBIND_CONFIG_FILE` for files that can't be read, `ERR_TRIBIND_CONFIG_VALUES` for
 * values that the schema refuses and for variables that aren't set
 */
export async function loadConfig<Schema extends ConfigSchema>(
  options: LoadConfigOptions<Schema>,
): Promise<Config<ConfigValues<Schema>>> {
  const { schema, file = [], env: given = process.env, values, ...rest } = loadConfigOptions.parse(options)
  const env = { ...given }
  const { layers, variables } = await readLayers([file].flat(), rest.environment ?? readEnvironment(env))
  const all = [...layers, ...(values === undefined ? [] : [readValues('values', values)])]
  const base: ConfigNode = { source: 'values', ...all[0], line: undefined, kind: 'object', children: new Map() }
  const loading: Loading = {
    parts: partsOf(schema),
    isNamed: !isSchema(schema),
    lookUp: (name) => ownOf(env, name) ?? ownOf(variables, name),
    sources: all.map(({ source }) => source),
  }
  return (await check(all.reduce(mergeNodes, base), loading)) as Config<ConfigValues<Schema>>
}

/** What a configuration is checked by, and its copies too. */
interface Loading {
  readonly parts: readonly Part[]
  /** Whether the schema is an object of schemas. */
  readonly isNamed: boolean
  readonly lookUp: LookUp
  /** The names of the layers, the lowest first. */
  readonly sources: readonly string[]
}

async function check(root: ConfigNode, loading: Loading): Promise<Config> {
  const { parts, isNamed, lookUp, sources } = loading
  const unexpanded: ConfigIssue[] = []
  const expanded = expand(root, lookUp, (path, node, message) => unexpanded.push(createIssue(path, node, message)))
  const results = await Promise.all(parts.map((part) => checkPart(part, expanded)))
  // Of what isn't complete, the schema would say the same in worse words.
  const refused = results
    .flatMap(({ issues }) => issues)
    .filter(({ path }) => !unexpanded.some((one) => one.path === path))
  const issues = [...unexpanded, ...refused, ...(isNamed ? unknownParts(expanded, parts) : [])]
  if (issues.length > 0) throw createConfigError(sortIssues(issues, sources), 'ERR_TRIBIND_CONFIG_VALUES')
  const values = isNamed ? Object.fromEntries(results.map(({ name, value }) => [name, value])) : results[0]?.value
  const change = (changes: object) =>
    check(mergeNodes(root, readValues('changes', changes)), { ...loading, sources: [...sources, 'changes'] })
  return new Config({ values, root: expanded, parts, change })
}

interface CheckedPart {
  readonly name: string | undefined
  readonly value?: unknown
  readonly issues: readonly ConfigIssue[]
}

async function checkPart(part: Part, root: ConfigNode): Promise<CheckedPart> {
  const { name, known } = part
  const prefix: Path = name === undefined ? [] : [name]
  const { node, depth } = findNode(root, prefix)
  const checked = await checkValues(part, depth === prefix.length ? node : undefined)
  if ('value' in checked) return { name, value: checked.value, issues: [] }
  return { name, issues: checked.issues.flatMap((issue) => listIssues(issue, root, prefix, known)) }
}

function unknownParts(root: ConfigNode, parts: readonly Part[]): ConfigIssue[] {
  const names = parts.map(({ name }) => name as string)
  const unknown = root.kind === 'object' ? [...root.children.keys()].filter((key) => !names.includes(key)) : []
  return unknown.map((key) => describeUnknown([key], root, names))
}

/** Returns the layer that code set. @throws ConfigError if it can't be one */
function readValues(source: string, values: object): ConfigNode {
  if (!isObject(values))
    throw new ConfigError(`a configuration's ${source} must be an object`, { failure: 'ERR_TRIBIND_OPTION_VALUE' })
  const problems: ConfigIssue[] = []
  const node = toNode(
    values,
    () => ({ source }),
    ({ message }) => problems.push(createIssue([], { source }, message)),
  )
  if (problems.length > 0) throw createConfigError(problems, 'ERR_TRIBIND_CONFIG_VALUES')
  return node
}

/** Returns the environment that the process runs in; `''` if it isn't set. */
function readEnvironment(env: Readonly<Record<string, string | undefined>>): string {
  const name = ownOf(env, 'TRIBIND_ENV') ? 'TRIBIND_ENV' : 'NODE_ENV'
  const environment = ownOf(env, name) ?? ''
  if (isEnvironment(environment)) return environment
  throw new ConfigError(
    `the environment variable ${name} is part of the names of files: it must consist of ${environmentWords}`,
    { failure: 'ERR_TRIBIND_OPTION_VALUE' },
  )
}

function ownOf(object: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

function findWrongKind({ file = [] }: LoadConfigOptions): string | undefined {
  const wrong = [file].flat().find((one) => !isKnownKind(one as string | URL))
  return wrong === undefined ? undefined : `"${String(wrong)}" is of no kind that can be read: there are ${kinds}`
}

function isFiles(value: unknown): boolean {
  return [value].flat().every((one) => (typeof one === 'string' && one !== '') || isFileUrl(one))
}

function isFileUrl(value: unknown): boolean {
  return value instanceof URL && value.protocol === 'file:'
}

function isEnvironment(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.-]*$/.test(value)
}

function isEnv(value: unknown): boolean {
  return isObject(value) && Object.values(value).every((one) => one === undefined || typeof one === 'string')
}
