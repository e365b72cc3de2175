import type { AnyDeclaration, OpenapiOperation, OpenapiOptions } from '../index.ts'
import { type Bound, compareBound, declarationOfBound, isTold, type RegisteredEndpoint } from '../kit.ts'
import { createPathTemplate, type PathParameter, type PathTemplate } from './path-template.ts'

/** One method of a path, and what serves it. */
export interface Operation {
  /** In upper case. */
  readonly method: string
  readonly path: string
  readonly parameters: readonly PathParameter[]
  /** The route as it was bound. */
  readonly route: string
  readonly domains: readonly string[]
  readonly bound: Bound<RegisteredEndpoint>
  readonly declaration: AnyDeclaration | undefined
  readonly id: string
}

interface Candidate extends Operation {
  readonly domains: string[]
  readonly template: PathTemplate
}

/** The methods that OpenAPI 3.1 knows, in the order in which a document has them. */
export const toldMethods: readonly string[] = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE']

/**
 * Chooses what a document tells of, in the order of paths and methods.
 *
 * Of two that can't both stand under one path and method, the one that matches first is told, and of two that no request can have
 * in common, such as those of two domains, that of the first domain by name. Paths that differ in nothing but the
 * names of their parameters are one path, with the names of the first.
 *
 * @param bounds in matching order
 */
export function chooseOperations(
  bounds: readonly Bound<RegisteredEndpoint>[],
  include: OpenapiOptions['include'] = () => true,
): Operation[] {
  const chosen = new Map<string, Candidate>()
  const templates = new Map<string, PathTemplate>()
  for (const candidate of listCandidates(bounds.toSorted(compareTold))) {
    if (!include(describe(candidate))) continue
    const { shape } = candidate.template
    const key = `${candidate.method} ${shape}`
    if (chosen.has(key)) continue
    chosen.set(key, candidate)
    if (!templates.has(shape)) templates.set(shape, candidate.template)
  }
  const named = [...chosen.values()].map((candidate) => {
    const { path, parameters } = templates.get(candidate.template.shape) as PathTemplate
    return { ...candidate, path, parameters: candidate.parameters.map((one, i) => ({ ...one, name: nameAt(i) })) }
    function nameAt(i: number): string {
      return (parameters[i] as PathParameter).name
    }
  })
  const sorted = named.toSorted(
    (a, b) => compareText(a.path, b.path) || toldMethods.indexOf(a.method) - toldMethods.indexOf(b.method),
  )
  return makeIdsUnique(sorted)
}

/** Compares by matching order, but where that is the order of binding and no request can have both, by domain and method. */
function compareTold(a: Bound<unknown>, b: Bound<unknown>): number {
  return (
    compareBound({ ...a, order: 0 }, { ...b, order: 0 }) ||
    compareText(a.domain, b.domain) ||
    toldMethods.indexOf(a.method) - toldMethods.indexOf(b.method) ||
    a.order - b.order
  )
}

/** Lists what can be told, in matching order. What one call has bound to several domains is one. */
function listCandidates(bounds: readonly Bound<RegisteredEndpoint>[]): Iterable<Candidate> {
  const candidates = new Map<string, Candidate>()
  const methods = new Map<RegisteredEndpoint, Set<string>>()
  for (const { value, method } of bounds) methods.set(value, (methods.get(value) ?? new Set()).add(method))
  const numbers = new Map([...methods.keys()].map((value, i) => [value, i]))
  for (const bound of bounds) {
    const { value, domain, route } = bound
    const declaration = declarationOfBound(value)
    if (!isTold(value.endpoint) || declaration?.parts.hidden === true) continue
    for (const method of methodsOf(bound)) {
      const key = `${numbers.get(value)} ${method}`
      const known = candidates.get(key)
      if (known !== undefined) {
        known.domains.push(domain)
        continue
      }
      const template = createPathTemplate(route)
      const domains = domain === '' ? [] : [domain]
      const { path, parameters } = template
      const id = chooseId({
        value,
        method,
        path,
        declaration,
        hasOneMethod: methods.get(value)?.size === 1 && bound.method !== 'ALL',
      })
      candidates.set(key, { method, path, parameters, route: route.text, domains, bound, declaration, id, template })
    }
  }
  return candidates.values()
}

/** Of ALL, those that are likely. QUERY and CONNECT are unknown to OpenAPI 3.1. */
function methodsOf({ method }: Bound<unknown>): readonly string[] {
  if (method === 'ALL') return ['GET', 'POST']
  return toldMethods.includes(method) ? [method] : []
}

interface Identified {
  readonly value: RegisteredEndpoint
  readonly method: string
  readonly path: string
  readonly declaration: AnyDeclaration | undefined
  readonly hasOneMethod: boolean
}

/** Returns the `operationId` that is declared, or one from names, which stays when others are bound. */
function chooseId({ value, method, path, declaration, hasOneMethod: isAlone }: Identified): string {
  const declared = declaration?.parts.operationId
  if (declared !== undefined) return declared
  const { type, name } = value
  const verb = method.toLowerCase()
  const words = (name.match(/[\w$]+/g) ?? []).join('_')
  // A plain object has no class.
  if (words === '' || /^anonymous(_|$)/.test(words) || (type === 'object' && words.startsWith('Object_')))
    return [verb, ...(path.match(/[\w$]+/g) ?? [])].join('_')
  return type !== 'handler' && isAlone ? words : `${words}_${verb}`
}

/** Numbers the ids that are there twice, those from names rather than those that are declared. */
function makeIdsUnique(operations: readonly Operation[]): Operation[] {
  const ids = new Map<Operation, string>()
  const taken = new Set<string>()
  const isDeclared = ({ declaration, id }: Operation) => declaration?.parts.operationId === id
  for (const operation of [...operations.filter(isDeclared), ...operations.filter((one) => !isDeclared(one))]) {
    let { id } = operation
    for (let i = 2; taken.has(id); i++) id = `${operation.id}_${i}`
    taken.add(id)
    ids.set(operation, id)
  }
  return operations.map((operation) => ({ ...operation, id: ids.get(operation) as string }))
}

function describe({ method, path, route, domains, bound, declaration, id }: Candidate): OpenapiOperation {
  const { type, name, layer, entryPoint } = bound.value
  const { tags = [], deprecated = false } = declaration?.parts ?? {}
  return {
    method,
    path,
    route,
    domains,
    type: type as OpenapiOperation['type'],
    name,
    operationId: id,
    tags,
    deprecated,
    layer: layer === 'code' ? undefined : layer,
    entryPoint,
  }
}

/** Compares as code units, whatever the language of the machine is. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
