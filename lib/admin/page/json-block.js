import { h } from './dom.js'

/**
 * Shows a value as JSON.
 *
 * @param {unknown} value
 */
export function jsonBlock(value) {
  return h('pre', {}, h('code', {}, toJson(value)))
}

/** @param {unknown} value */
export function toJson(value) {
  return JSON.stringify(value, undefined, 2)
}
