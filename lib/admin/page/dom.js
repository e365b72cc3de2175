/** @typedef {Node | string | number | false | null | undefined} One */
/** @typedef {One | readonly Child[]} Child */
/** @typedef {Record<string, string | number | boolean | null | undefined | ((event: any) => unknown)>} Attributes */

const SVG = 'http://www.w3.org/2000/svg'
/** As properties, so that `patch` can hand on those of the element that isn't used. */
const handlers = /** @type {const} */ (['onclick', 'oninput', 'onchange', 'onsubmit', 'onkeydown', 'ontoggle'])

/**
 * Creates an element.
 *
 * **Security**: texts become text nodes and attributes, never markup.
 *
 * @param {string} tag
 * @param {Attributes} [attributes] true for one without a value; false, null and undefined for none; functions are handlers
 * @param {Child[]} children
 * @returns {HTMLElement}
 */
export function h(tag, attributes = {}, ...children) {
  return /** @type {HTMLElement} */ (fill(document.createElement(tag), attributes, children))
}

/**
 * Creates an element of SVG.
 *
 * @param {string} tag
 * @param {Attributes} [attributes]
 * @param {Child[]} children
 */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children)
}

/**
 * Makes the children of an element equal to others. Elements that stay keep the focus, what was typed into them, and whether they are
 * open: those with the same `data-key`, and those without one in their order where their classes are the same.
 *
 * @param {Element} parent
 * @param {Child[]} children
 */
export function patch(parent, ...children) {
  let at = parent.firstChild
  for (const node of toNodes(children)) {
    const kept = findKept(at, node)
    if (kept === undefined) {
      parent.insertBefore(node, at)
      continue
    }
    while (at !== null && at !== kept && keyOf(at) === undefined) at = removeAt(at)
    if (kept === at) at = at.nextSibling
    else parent.insertBefore(kept, at)
    update(kept, node)
  }
  while (at !== null) at = removeAt(at)
}

/** @param {ChildNode} node */
function removeAt(node) {
  const next = node.nextSibling
  node.remove()
  return next
}

/**
 * @param {ChildNode | null} from
 * @param {Node} node
 */
function findKept(from, node) {
  for (let at = from; at !== null; at = at.nextSibling)
    if (at.nodeName === node.nodeName && identityOf(at) === identityOf(node)) return at
  return undefined
}

/** @param {Node} node */
function identityOf(node) {
  return keyOf(node) ?? (node instanceof Element ? node.getAttribute('class') : null)
}

/** @param {Node} node */
function keyOf(node) {
  return node instanceof HTMLElement ? node.dataset.key : undefined
}

/**
 * @param {Node} kept
 * @param {Node} node
 */
function update(kept, node) {
  if (!(kept instanceof Element && node instanceof Element)) {
    if (kept.nodeValue !== node.nodeValue) kept.nodeValue = node.nodeValue
    return
  }
  for (const name of kept.getAttributeNames())
    if (!node.hasAttribute(name) && name !== 'open') kept.removeAttribute(name)
  for (const name of node.getAttributeNames()) {
    const value = node.getAttribute(name) ?? ''
    if (kept.getAttribute(name) !== value && name !== 'open') kept.setAttribute(name, value)
  }
  if (kept instanceof HTMLElement && node instanceof HTMLElement)
    for (const name of handlers) kept[name] = /** @type {any} */ (node[name])
  patch(kept, ...node.childNodes)
}

/**
 * @param {Element} element
 * @param {Attributes} attributes
 * @param {readonly Child[]} children
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') Object.assign(element, { [name]: value })
    else if (value !== false && value !== null && value !== undefined)
      element.setAttribute(name, value === true ? '' : String(value))
  }
  element.append(...toNodes(children))
  return element
}

/**
 * @param {Child} child
 * @returns {Node[]}
 */
function toNodes(child) {
  if (Array.isArray(child)) return child.flatMap(toNodes)
  if (child instanceof Node) return [child]
  const isNothing = child === false || child === null || child === undefined
  return isNothing ? [] : [document.createTextNode(`${/** @type {string | number} */ (child)}`)]
}
