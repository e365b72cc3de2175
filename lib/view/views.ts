import { ViewError } from '../base/errors.ts'
import type { Language } from '../http/language.ts'
import type { HtmlOutput, View, ViewFactory } from '../http/view.ts'
import { ignoreRejection } from '../base/in-turn.ts'
import { EtaEngine } from './eta-engine.ts'
import { locate } from './template-error.ts'
import { TemplateFiles } from './template-files.ts'
import { findFolder, type ReadViewOptions, type ViewEngine } from './view-options.ts'

type Values = Record<string, unknown>

/** Without the option `view`, all templates are texts. */
const withoutRoot: Partial<ReadViewOptions> & Pick<ReadViewOptions, 'extension' | 'cache'> = {
  extension: '.eta',
  cache: true,
}

/** The templates of a server. The default engine is loaded when the first one is rendered. */
export class Views implements ViewFactory {
  readonly #cache: boolean
  readonly #files: TemplateFiles
  #engine: Promise<ViewEngine> | undefined

  /** @param options `undefined` if all templates are texts */
  constructor(options: ReadViewOptions | undefined) {
    const { root, engine, extension, cache } = options ?? withoutRoot
    const dotted = extension === '' || extension.startsWith('.') ? extension : `.${extension}`
    this.#files = new TemplateFiles(findFolder(root), dotted, cache)
    this.#cache = cache
    this.#engine = engine && Promise.resolve(engine)
  }

  createView(response: HtmlOutput, t: Language['t'] | undefined): View {
    return new RequestView(this, response, t)
  }

  /** Renders a file. @throws ViewError naming file and line */
  async renderFile(name: string, values: Values): Promise<string> {
    const file = this.#files.find(name)
    return this.#render(file, values, (engine, data) => engine.render(file, data))
  }

  /** Renders a text. @throws ViewError naming the line */
  renderText(text: string, values: Values): Promise<string> {
    return this.#render(undefined, values, (engine, data) => engine.renderString(text, data))
  }

  async #render(
    file: string | undefined,
    values: Values,
    render: (engine: ViewEngine, data: Values) => string | Promise<string>,
  ): Promise<string> {
    const engine = await this.#loadEngine()
    const data = await settle(values)
    let html: unknown
    try {
      html = await render(engine, data)
    } catch (thrown) {
      throw locate(thrown, file)
    }
    if (typeof html !== 'string')
      throw new ViewError(`option "view.engine" must return a string, got a value of type ${typeof html}`, {
        failure: 'ERR_TRIBIND_VIEW_RESULT',
      })
    return html
  }

  #loadEngine(): Promise<ViewEngine> {
    this.#engine ??= import('eta/core').then(({ Eta }) => new EtaEngine(Eta, this.#files, this.#cache))
    return this.#engine
  }
}

/** Replaces promises by their values. */
async function settle(values: Values): Promise<Values> {
  for (const [name, value] of Object.entries(values)) {
    if (value instanceof Promise) values[name] = await value
  }
  return values
}

/** The view of one request. Its values belong to this request only. */
class RequestView implements View {
  readonly #views: Views
  readonly #response: HtmlOutput
  /** Without a prototype, so that no name collides with an inherited property. */
  readonly #values: Values = Object.create(null)

  constructor(views: Views, response: HtmlOutput, t: Language['t'] | undefined) {
    this.#views = views
    this.#response = response
    if (t !== undefined) this.#values['t'] = t
  }

  assign(name: string, value: unknown): void {
    this.#values[name] = value instanceof Promise ? ignoreRejection(value) : value
  }

  assigns(values: object): void {
    for (const [name, value] of values instanceof Map ? values : Object.entries(values)) this.assign(name, value)
  }

  parse(file: string, data?: object): Promise<string> {
    return ignoreRejection(this.#render(file, data))
  }

  parseContent(text: string, data?: object): Promise<string> {
    return ignoreRejection((async () => this.#views.renderText(text, this.#valuesWith(data)))())
  }

  display(file = 'index', data?: object): Promise<void> {
    return ignoreRejection(this.#render(file, data).then((html) => this.#response.writeHtml(html)))
  }

  async #render(file: string, data: object | undefined): Promise<string> {
    return this.#views.renderFile(file, this.#valuesWith(data))
  }

  #valuesWith(data: object | undefined): Values {
    const values: Values = Object.assign(Object.create(null), this.#values, data)
    for (const value of Object.values(values)) if (value instanceof Promise) void ignoreRejection(value)
    return values
  }
}
