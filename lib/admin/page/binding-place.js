/**
 * Says what is bound, and where.
 *
 * @param {any} binding as the API describes it
 */
export function bindingPlace({ type, name, layer, entryPoint, origin }) {
  const parts = [name ? `${type} ${name}` : type, `layer ${layer ?? 'code'}`, entryPoint && `entry point ${entryPoint}`]
  return [...parts.filter(Boolean), `bound by ${origin}`].join(', ')
}
