import { readFileSync } from 'node:fs'
import { compileFunction } from 'node:vm'
import type { Eta, Options } from 'eta/core'
import { ViewError } from '../base/errors.ts'
import { ignoreRejection } from '../base/in-turn.ts'
import { isPlain } from '../base/is-plain.ts'
import { isObject } from '../options/option.ts'
import { locate } from './template-error.ts'
import type { TemplateFiles } from './template-files.ts'
import type { ViewEngine } from './view-options.ts'

type Template = ReturnType<Eta['compile']>

/** What eta passes from a template to those it includes. */
interface Place extends Partial<Options> {
  depth?: number
  /** Returns lines in the language of the request; partials have it without being passed it. */
  t?: unknown
}

const MAX_DEPTH = 200
const MAX_TEXTS = 100

/** The default engine, eta, whose templates may await. It finds and caches the templates itself. */
export class EtaEngine implements ViewEngine {
  readonly #eta: Eta
  readonly #files: TemplateFiles
  readonly #isCached: boolean
  /** Compiled for `include`, which returns a string and no promise. */
  readonly #syncTemplates = new Map<string, { text: string; run: Template }>()
  readonly #asyncTemplates = new Map<string, { text: string; run: Template }>()
  readonly #texts = new Map<string, Template>()

  /** @param EtaClass passed in, because eta is loaded on demand */
  constructor(EtaClass: typeof Eta, files: TemplateFiles, isCached: boolean) {
    this.#eta = new EtaClass({ debug: true, functionHeader: header, plugins: [{ processFnString: adapt }] })
    this.#files = files
    this.#isCached = isCached
    // What compiled templates call: `include`, `includeAsync` and, when one fails, `RuntimeErr`.
    this.#eta.render = (name, data, place?: Place) => this.#include(name, data, { ...place, async: false })
    this.#eta.renderAsync = (name, data, place?: Place) =>
      ignoreRejection((async () => this.#include(name, data, { ...place, async: true }))())
    this.#eta.RuntimeErr = (error, _text, line, file) => {
      throw locate(error, file, line)
    }
  }

  render(file: string, data: Record<string, unknown>): string {
    return this.#load(file, true).call(this.#eta, data, { filepath: file, async: true, t: data['t'] } as Place)
  }

  renderString(text: string, data: Record<string, unknown>): string {
    let run = this.#texts.get(text)
    if (run === undefined) {
      run = this.#compile(text, undefined, true)
      if (this.#texts.size >= MAX_TEXTS) this.#texts.clear()
      this.#texts.set(text, run)
    }
    return run.call(this.#eta, data, { async: true, t: data['t'] } as Place)
  }

  #include(name: unknown, data: object | undefined, place: Place): string {
    const depth = (place.depth ?? 0) + 1
    if (depth > MAX_DEPTH)
      throw new ViewError(`templates must not include each other without end, more than ${MAX_DEPTH} deep`, {
        failure: 'ERR_TRIBIND_VIEW_RECURSION',
      })
    const file = this.#files.find(name, place.filepath)
    const here: Place = { ...place, filepath: file, depth }
    return this.#load(file, place.async === true).call(this.#eta, withT(data, place.t), here)
  }

  #load(file: string, isAsync: boolean): Template {
    const templates = isAsync ? this.#asyncTemplates : this.#syncTemplates
    const known = templates.get(file)
    if (known !== undefined && this.#isCached) return known.run
    const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
    if (known?.text === text) return known.run
    const run = this.#compile(text, file, isAsync)
    templates.set(file, { text, run })
    return run
  }

  #compile(text: string, file: string | undefined, isAsync: boolean): Template {
    try {
      return this.#eta.compile(text, { async: isAsync })
    } catch (thrown) {
      throw createSyntaxError(this.#eta, text, { file, isAsync, thrown })
    }
  }
}

/** Adds what templates call as `t` to what a partial is passed, unless that has something of the name. */
function withT(data: object | undefined, t: unknown): object | undefined {
  const isOpen = data === undefined || (isObject(data) && isPlain(data) && !('t' in data))
  return isOpen && typeof t === 'function' ? { ...data, t } : data
}

const header = `const __eta_blocks = Symbol.for('tribind.blocks');`

/** Changes two details of the code that eta generates. Code of a later eta that differs is left as it is. */
function adapt(code: string): string {
  return (
    code
      // Blocks aren't escaped, so they are passed to a layout under a name that no data has.
      .replaceAll('const b=it.__blocks||{};', 'const b=it[__eta_blocks]||{};')
      .replace('__blocks: __eta.blocks', '[__eta_blocks]: __eta.blocks')
      // A layout is rendered after the last line, but it is named in another.
      .replace('__eta.layout = path;', '__eta.layout = path; __eta.layoutLine = __eta.line;')
      .replace(/if \(__eta\.layout\) \{(?=\n {2}__eta\.res = )/, 'if (__eta.layout) { __eta.line = __eta.layoutLine;')
  )
}

/** Returns the error of a template that can't be compiled. It names the line on which the tag at fault begins. */
function createSyntaxError(
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

/** Returns the syntax error with its place, which the constructor of functions doesn't report. */
function findError(code: string, isAsync: boolean): Error | undefined {
  try {
    compileFunction(`return ${isAsync ? 'async ' : ''}() => {${code}\n}`, ['it', 'options'], { filename: 'template' })
    return undefined
  } catch (error) {
    return error as Error
  }
}

/** Explains errors that refer to the `try` around the tags, which isn't in the template. */
function explain(message: string): string {
  if (message === `Unexpected token 'catch'`) return 'a brace that is opened is not closed'
  if (message === 'Missing catch or finally after try') return 'a brace is closed that was not opened'
  return message
}

/** Returns the line of a tag. In the compiled code, each tag follows the number of its line in the template. */
function findLine(error: Error, code: string): number | undefined {
  const at = Number(/^template:(\d+)$/m.exec(error.stack ?? '')?.[1] ?? 0)
  const before = code.split('\n').slice(0, at)
  return toNumber(before.findLast((line) => /^__eta\.line=\d+$/.test(line))?.slice('__eta.line='.length))
}

function toNumber(line: string | undefined): number | undefined {
  return line === undefined ? undefined : Number(line)
}
