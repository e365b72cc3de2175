import { isPlain } from '../kit.ts'
import {
  type ConfigNode,
  findKeyProblem,
  MAX_DEPTH,
  TOO_DEEP,
  type Path,
  type Place,
  type ReportProblem,
} from './config-node.ts'

/**
 * Returns the node of a value: of plain objects and arrays with what is in them, of anything else as it is. What is `undefined`
 * in an object is left out.
 *
 * @param placeOf where the value at a path was written
 */
export function toNode(
  value: unknown,
  placeOf: (path: Path) => Place,
  report: ReportProblem,
  path: Path = [],
): ConfigNode {
  const place = placeOf(path)
  if (path.length > MAX_DEPTH) {
    report({ ...place, message: TOO_DEEP })
    return { ...place, kind: 'scalar', value: null }
  }
  const below = (child: unknown, name: string) => toNode(child, placeOf, report, [...path, name])
  if (Array.isArray(value)) return { ...place, kind: 'array', children: value.map((item, i) => below(item, String(i))) }
  if (typeof value !== 'object' || value === null || !isPlain(value)) return { ...place, kind: 'scalar', value }
  const children = new Map<string, ConfigNode>()
  for (const [key, child] of Object.entries(value)) {
    const problem = findKeyProblem(key, children)
    if (problem !== undefined) report({ ...placeOf([...path, key]), message: problem })
    else if (child !== undefined) children.set(key, below(child, key))
  }
  return { ...place, kind: 'object', children }
}
