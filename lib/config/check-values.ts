import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { SchemaOutline } from '../kit.ts'
import { type ConfigNode, findNode, type Path, type ScalarNode, scalarsOf, toPlain } from './config-node.ts'
import type { Part } from './schemas.ts'
import { isAboutNumber, isTypeIssue, pathOf, unknownKeysOf } from './describe-issue.ts'

type Issue = StandardSchemaV1.Issue

/** What a schema returned for a part of the configuration. */
export type Checked = { readonly value: unknown } | { readonly issues: readonly Issue[] }

/**
 * Checks values by a schema of any library.
 *
 * A value that is one whole `${…}` becomes a number or a truth value where the schema's JSON Schema asks for nothing else. Else it
 * is a text first, and becomes one where the schema refuses that.
 *
 * @param node `undefined` if nothing is set
 */
export async function checkValues({ schema, known }: Part, node: ConfigNode | undefined): Promise<Checked> {
  if (node === undefined) return await checkNothing(schema)
  const values = new Map<ScalarNode, unknown>(findAsked(node, known, []))
  const causes = new Map<ScalarNode, Issue>()
  for (;;) {
    const checked = await run(schema, toPlain(node, values))
    if ('value' in checked) return checked
    const refused = findConvertible(node, checked.issues, values)
    if (refused.length === 0) {
      const isChanged = takeBack(node, values, causes, checked.issues)
      return isChanged ? await run(schema, toPlain(node, values)) : checked
    }
    for (const [scalar, issue] of refused) {
      values.set(scalar, convert(scalar))
      causes.set(scalar, issue)
    }
  }
}

/** A part that isn't there may have a default; else it is like one without values, so that each is named that is missing. */
async function checkNothing(schema: StandardSchemaV1): Promise<Checked> {
  const checked = await run(schema, undefined)
  return 'value' in checked ? checked : await run(schema, {})
}

/** Lists the numbers and truth values that the JSON Schema asks for. */
function findAsked(node: ConfigNode, known: SchemaOutline, path: Path): (readonly [ScalarNode, unknown])[] {
  if (node.kind === 'object')
    return [...node.children].flatMap(([name, child]) => findAsked(child, known, [...path, name]))
  if (node.kind === 'array') return node.children.flatMap((child, i) => findAsked(child, known, [...path, String(i)]))
  const value = node.isWhole === true ? convert(node) : undefined
  const types = typeof value === 'number' ? ['number', 'integer', 'null'] : ['boolean', 'null']
  return value !== undefined && known.mustBe(types, path) ? [[node, value]] : []
}

/** Lists what issues are about and can be converted; where there is none, what is within that, as in an object of a union. */
function findConvertible(
  node: ConfigNode,
  issues: readonly Issue[],
  values: ReadonlyMap<ScalarNode, unknown>,
): (readonly [ScalarNode, Issue])[] {
  const isOpen = (scalar: ScalarNode) => scalar.isWhole === true && !values.has(scalar) && convert(scalar) !== undefined
  const found = issues
    .filter((issue) => unknownKeysOf(issue).length === 0)
    .flatMap((issue) => {
      const at = nodeAt(node, pathOf(issue))
      const isHelp = (scalar: ScalarNode) => !isAboutNumber(issue) || typeof convert(scalar) === 'number'
      const scalars = at === undefined ? [] : scalarsOf(at).filter((one) => isOpen(one) && isHelp(one))
      return scalars.map((scalar) => ({ scalar, issue, isExact: scalar === at }))
    })
  const exact = found.filter(({ isExact }) => isExact)
  return (exact.length > 0 ? exact : found).map(({ scalar, issue }) => [scalar, issue])
}

/** Lets texts be texts that are refused as numbers too, for the sake of what is said of them. Returns whether there were any. */
function takeBack(
  node: ConfigNode,
  values: Map<ScalarNode, unknown>,
  causes: ReadonlyMap<ScalarNode, Issue>,
  issues: readonly Issue[],
): boolean {
  let isChanged = false
  for (const [scalar, cause] of causes) {
    const isAbout = (issue: Issue) =>
      nodeAt(node, pathOf(issue)) === scalar || String(pathOf(issue)) === String(pathOf(cause))
    const left = issues.find(isAbout)
    if (left === undefined || (isTypeIssue(cause) && !isTypeIssue(left))) continue
    isChanged = values.delete(scalar) || isChanged
  }
  return isChanged
}

function nodeAt(root: ConfigNode, path: Path): ConfigNode | undefined {
  const { node, depth } = findNode(root, path)
  return depth === path.length ? node : undefined
}

/** Returns the number or truth value that a text is; `undefined` if it is none. */
function convert({ value }: ScalarNode): number | boolean | undefined {
  if (value === 'true' || value === 'false') return value === 'true'
  if (typeof value !== 'string' || !/^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value)) return undefined
  const number = Number(value)
  return Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number)) ? number : undefined
}

async function run(schema: StandardSchemaV1, value: unknown): Promise<Checked> {
  try {
    const result = await schema['~standard'].validate(value)
    return result.issues === undefined ? { value: result.value } : { issues: result.issues }
  } catch (error) {
    // Not the error itself, which may have values: that of `new URL(text)` has the text.
    return { issues: [{ message: `cannot be checked, since the schema threw ${String(error)}` }] }
  }
}
