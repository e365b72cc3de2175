import { ConfigError, type ServerConfig } from '../index.ts'
import { isPlain, nearestName, printValue } from '../kit.ts'
import { type ConfigNode, findNode, type Path, scalarsOf } from './config-node.ts'
import type { PathOf, ValueAt } from './config-path.ts'
import type { Part } from './schemas.ts'

/** Where a value of a configuration comes from. */
export interface ConfigOrigin {
  readonly path: string
  /** `default`, a file with a line such as `config.yaml:3`, `env DB_HOST`, or `values` or `changes` for what code set. */
  readonly source: string
}

/** What a configuration was made of. */
export interface ConfigState {
  readonly values: unknown
  /** What was set. */
  readonly root: ConfigNode
  readonly parts: readonly Part[]
  /** Returns a configuration with other values, checked. */
  readonly change: (changes: object) => Promise<unknown>
}

/** A configuration whose values were checked, and never change. `loadConfig` creates it. */
export class Config<Values = unknown> implements ServerConfig {
  readonly #values: object
  readonly #state: ConfigState

  /** @internal */
  constructor(state: ConfigState) {
    this.#values = copyFrozen(state.values) as object
    this.#state = state
  }

  /** All values. They are frozen. */
  get values(): Values & object {
    return this.#values as Values & object
  }

  /**
   * Returns the value at a path such as `database.pool.max`, which may be an object too; `undefined` if it is optional and not
   * set.
   *
   * @throws ConfigError (`ERR_TRIBIND_CONFIG_PATH`) naming the nearest path if there is none
   */
  get<Path extends PathOf<Values>>(path: Path): ValueAt<Values, Path> {
    const { value, depth, names } = this.#walk(path)
    if (depth < names.length && !this.#isOptional(names)) throw this.#unknown(names, depth, value)
    return (depth < names.length ? undefined : value) as ValueAt<Values, Path>
  }

  /** Returns whether a value is set at a path, by default or otherwise. */
  has(path: string): boolean {
    const { value, depth, names } = this.#walk(path)
    return depth === names.length && value !== undefined
  }

  /**
   * Returns a copy with other values, which are a layer over all others and are checked with them.
   *
   * @throws ConfigError as `loadConfig`
   */
  async with(changes: object): Promise<Config<Values>> {
    return (await this.#state.change(changes)) as Config<Values>
  }

  /** Lists where each value comes from, without the values. An array is one value. */
  describe(): ConfigOrigin[] {
    return this.#describe(this.#values, [])
  }

  #describe(value: unknown, path: Path): ConfigOrigin[] {
    if (!isBranch(value) || Array.isArray(value)) return [{ path: path.join('.'), source: this.#sourceOf(path) }]
    const set = Object.entries(value).filter(([, child]) => child !== undefined)
    return set.flatMap(([name, child]) => this.#describe(child, [...path, name]))
  }

  #sourceOf(path: Path): string {
    const { node, depth } = findNode(this.#state.root, path)
    if (depth < path.length && node.kind === 'object') return 'default'
    const variables = scalarsOf(node).flatMap((scalar) => [...(scalar.variables?.keys() ?? [])])
    if (variables.length > 0) return `env ${[...new Set(variables)].join(', ')}`
    return node.line === undefined ? node.source : `${node.source}:${node.line}`
  }

  /** Follows a path as far as there is something. */
  #walk(path: string): { readonly value: unknown; readonly depth: number; readonly names: Path } {
    if (typeof path !== 'string')
      throw new ConfigError(`a path in the configuration must be a string, got ${printValue(path)}`, {
        failure: 'ERR_TRIBIND_CONFIG_PATH',
      })
    const names = path.split('.')
    let value: unknown = this.#values
    for (const [depth, name] of names.entries()) {
      // Not `Object.hasOwn`, since arrays have a `length` of their own.
      if (!isBranch(value) || !Object.keys(value).includes(name)) return { value, depth, names }
      value = (value as Readonly<Record<string, unknown>>)[name]
    }
    return { value, depth: names.length, names }
  }

  #isOptional(names: Path): boolean {
    return this.#knownBy(names).some(([known, path]) => known.has(path))
  }

  #knownBy(names: Path) {
    return this.#state.parts.flatMap(({ name, known, knownOutput }) => {
      if (name !== undefined && name !== names[0]) return []
      const path = name === undefined ? names : names.slice(1)
      return [knownOutput, known].map((one) => [one, path] as const)
    })
  }

  #unknown(names: Path, depth: number, value: unknown): ConfigError {
    const above = names.slice(0, depth)
    const known = this.#namesAt(above, value)
    const nearest = nearestName(names[depth] as string, known)
    const place = depth === 0 ? 'it' : `"${above.join('.')}"`
    const advice = isBranch(value)
      ? `; in ${place} there is: ${known.join(', ') || 'nothing'}`
      : `; ${place} is a single value`
    return new ConfigError(
      `the configuration has no "${names.join('.')}"` +
        (nearest === undefined
          ? advice
          : `, did you mean "${[...above, nearest, ...names.slice(depth + 1)].join('.')}"?`),
      { failure: 'ERR_TRIBIND_CONFIG_PATH' },
    )
  }

  /** Lists the names at a path: those that are set, and those that the schema knows. */
  #namesAt(path: Path, value: unknown): string[] {
    const set = isBranch(value) && !Array.isArray(value) ? Object.keys(value) : []
    return [...new Set([...set, ...this.#knownBy(path).flatMap(([known, rest]) => known.at(rest))])]
  }
}

/** Whether a value is an array or a plain object, and not an instance of a class. */
function isBranch(value: unknown): value is object {
  return Array.isArray(value) || (typeof value === 'object' && value !== null && isPlain(value))
}

/** Returns a copy of arrays and plain objects that is frozen through and through. Anything else stays what it is. */
function copyFrozen(value: unknown): unknown {
  if (!isBranch(value)) return value
  if (Array.isArray(value)) return Object.freeze(value.map(copyFrozen))
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, child]) => [key, copyFrozen(child)])))
}
