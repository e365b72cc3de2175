import { compileFunction } from 'node:vm'
import type { Eta } from 'eta/core'
import { locate } from './template-error.ts'

/** What a template that can't be compiled fails with: it names the line where the tag at fault begins. */
export function createSyntaxError(
  eta: Eta,
  text: string,
  { file, isAsync, thrown }: { file: string | undefined; isAsync: boolean; thrown: unknown },
): unknown {
  let code: string
  try {
    code = eta.compileToString(text, { async: isAsync })
  } catch (error) {
    // Eta found it: a tag, a string or a comment without an end.
    const [, message, line] = /^(.*) at line (\d+) col \d+:/.exec(String((error as Error).message)) ?? []
    return locate(line === undefined ? error : new SyntaxError(message, { cause: error }), file, toNumber(line))
  }
  const error = findError(code, isAsync)
  if (error === undefined) return locate(thrown, file)
  const isAwaiting = !isAsync && findError(code, true) === undefined
  const message = isAwaiting ? 'it awaits, so it is included by `await includeAsync()`' : explain(error.message)
  const line = isAwaiting ? undefined : findLine(error, code)
  return locate(new SyntaxError(message, { cause: error }), file, line)
}

/** The error with its place, which the constructor of functions doesn't tell. */
function findError(code: string, isAsync: boolean): Error | undefined {
  try {
    compileFunction(`return ${isAsync ? 'async ' : ''}() => {${code}\n}`, ['it', 'options'], { filename: 'template' })
    return undefined
  } catch (error) {
    return error as Error
  }
}

/** The tags stand in a `try`, of which the author knows nothing. */
function explain(message: string): string {
  if (message === `Unexpected token 'catch'`) return 'a brace that is opened is not closed'
  if (message === 'Missing catch or finally after try') return 'a brace is closed that was not opened'
  return message
}

/** In the compiled code, each tag stands after the number of its line in the template. */
function findLine(error: Error, code: string): number | undefined {
  const at = Number(/^template:(\d+)$/m.exec(error.stack ?? '')?.[1] ?? 0)
  const before = code.split('\n').slice(0, at)
  return toNumber(before.findLast((line) => /^__eta\.line=\d+$/.test(line))?.slice('__eta.line='.length))
}

function toNumber(line: string | undefined): number | undefined {
  return line === undefined ? undefined : Number(line)
}
