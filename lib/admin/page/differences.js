/** @typedef {{ readonly path: string, readonly before?: unknown, readonly after?: unknown }} Difference Without `before` it was added, without `after` taken away. */

/**
 * Finds what differs between two values of JSON, part by part.
 *
 * @param {unknown} before
 * @param {unknown} after
 * @param {string} [path]
 * @returns {Difference[]}
 */
export function findDifferences(before, after, path = '') {
  if (isEqual(before, after)) return []
  if (Array.isArray(before) && Array.isArray(after)) return compareArrays(before, after, path)
  if (!isObject(before) || !isObject(after)) return [{ path, before, after }]
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names.flatMap((name) => {
    const at = path === '' ? name : `${path}.${name}`
    if (!Object.hasOwn(before, name)) return [{ path: at, after: after[name] }]
    if (!Object.hasOwn(after, name)) return [{ path: at, before: before[name] }]
    return findDifferences(before[name], after[name], at)
  })
}

/**
 * Compares what lies between the items that both begin with and those that both end with.
 *
 * @param {readonly unknown[]} before
 * @param {readonly unknown[]} after
 * @param {string} path
 * @returns {Difference[]}
 */
function compareArrays(before, after, path) {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && isEqual(before[start], after[start])) start++
  let end = 0
  while (end < shorter - start && isEqual(before.at(-1 - end), after.at(-1 - end))) end++
  const [gone, come] = [before.slice(start, before.length - end), after.slice(start, after.length - end)]
  const at = (/** @type {number} */ i) => `${path}[${start + i}]`
  if (gone.length === come.length) return gone.flatMap((item, i) => findDifferences(item, come[i], at(i)))
  return [
    ...gone.map((item, i) => ({ path: at(i), before: item })),
    ...come.map((item, i) => ({ path: at(i), after: item })),
  ]
}

/**
 * @param {unknown} a
 * @param {unknown} b
 * @returns {boolean}
 */
function isEqual(a, b) {
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => isEqual(item, b[i]))
  if (!isObject(a) || !isObject(b)) return a === b
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && isEqual(a[name], b[name]))
  )
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
