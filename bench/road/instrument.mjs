// Makes every function of a source file report when it is entered.

import ts from 'typescript'

/**
 * Returns the TypeScript source with a call of `globalThis.reportEntry(file, name)` at the start of every body: functions,
 * arrow functions, methods, accessors, constructors, and the initialisers of class fields that call something.
 */
export function instrument(text, file) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const insertions = []
  const visit = (node) => {
    insertions.push(...insertionsFor(node, `globalThis.reportEntry(${JSON.stringify(file)}, ${quoteName(node)})`))
    ts.forEachChild(node, visit)
  }
  visit(source)
  return insertAll(text, insertions)
}

function insertionsFor(node, report) {
  if (ts.isPropertyDeclaration(node))
    return node.initializer && calls(node.initializer) ? wrap(node.initializer, report) : []
  if (!ts.isFunctionLike(node) || node.body === undefined) return []
  const pattern = node.parameters.map(({ name }) => name).find(ts.isObjectBindingPattern)
  // Parameters that are taken apart read getters before the body starts.
  if (pattern !== undefined) return [{ at: pattern.getStart() + 1, text: ` [${report}]: reportedEntry,` }]
  return ts.isBlock(node.body) ? [{ at: node.body.getStart() + 1, text: ` ${report};` }] : wrap(node.body, report)
}

function wrap(expression, report) {
  return [
    { at: expression.getStart(), text: `(${report}, ` },
    { at: expression.end, text: ')' },
  ]
}

/** Whether evaluating the expression calls something: what functions within it do later doesn't count. */
function calls(expression) {
  if (ts.isFunctionLike(expression)) return false
  if (ts.isCallExpression(expression) || ts.isNewExpression(expression)) return true
  return ts.forEachChild(expression, calls) ?? false
}

function insertAll(text, insertions) {
  let result = ''
  let from = 0
  for (const { at, text: inserted } of insertions.toSorted((a, b) => a.at - b.at)) {
    result += text.slice(from, at) + inserted
    from = at
  }
  return result + text.slice(from)
}

function quoteName(node) {
  return JSON.stringify(nameOf(node))
}

/** Returns a name that finds the function in its file: `Class.method`, or for a callback that of the function around it. */
function nameOf(node) {
  if (ts.isSourceFile(node)) return 'the module'
  const { parent } = node
  const named = node.name ?? (parent.initializer === node ? parent.name : undefined)
  const name = ts.isConstructorDeclaration(node) ? 'constructor' : named?.getText()
  if (name === undefined) return `callback in ${nameOf(ts.findAncestor(parent, isNamedPlace))}`
  const owner = ts.isClassLike(parent) ? parent : parent.parent
  return owner !== undefined && ts.isClassLike(owner) && owner.name ? `${owner.name.text}.${name}` : name
}

function isNamedPlace(node) {
  if (ts.isSourceFile(node)) return true
  return ts.isFunctionLike(node) || (ts.isPropertyDeclaration(node) && node.initializer !== undefined)
}
