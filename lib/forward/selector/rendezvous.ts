/**
 * Returns the score of a node for a key: of several nodes, the one with the highest serves the key (rendezvous hashing, with
 * the logarithmic method for weights). A node that leaves moves only its own keys, and each to a node by weight.
 */
export function scoreOf(key: string, id: string, weight: number): number {
  return -weight / Math.log(hashToUnit(`${id}\0${key}`))
}

/** Returns a number between 0 and 1, both excluded, that depends on each character of a text (cyrb53, 53 bits). */
function hashToUnit(text: string): number {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    high = Math.imul(high ^ code, 0x9e3779b1)
    low = Math.imul(low ^ code, 0x5f356495)
  }
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35)
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35)
  return ((low & 0x1fffff) * 2 ** 32 + (high >>> 0) + 0.5) / 2 ** 53
}
