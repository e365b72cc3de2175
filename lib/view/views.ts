import { ViewError } from '../base/errors.ts'
import type { HtmlOutput, View, ViewFactory } from '../http/view.ts'
import { EtaEngine } from './eta-engine.ts'
import { RequestView } from './request-view.ts'
import { locate } from './template-error.ts'
import { TemplateFiles } from './template-files.ts'
import { readViewOptions, type ViewEngine, type ViewOptions, type ViewSettings } from './view-options.ts'

type Values = Record<string, unknown>

/** Without the option `view`, templates are texts alone. */
const withoutRoot: ViewSettings = { root: undefined, engine: undefined, extension: '.eta', cache: true }

/** The templates of a server. The default engine is loaded when the first one is rendered. */
export class Views implements ViewFactory {
  readonly #settings: ViewSettings
  readonly #files: TemplateFiles
  #engine: Promise<ViewEngine> | undefined

  /** @throws ConfigError naming a field that doesn't exist or a value out of range */
  constructor(options: ViewOptions | undefined) {
    this.#settings = options === undefined ? withoutRoot : readViewOptions(options)
    this.#files = new TemplateFiles(this.#settings.root, this.#settings.extension, this.#settings.cache)
  }

  createView(response: HtmlOutput): View {
    return new RequestView(this, response)
  }

  /** @throws ViewError naming file and line */
  async renderFile(name: string, values: Values): Promise<string> {
    const file = this.#files.find(name)
    return this.#render(file, values, (engine, data) => engine.render(file, data))
  }

  /** @throws ViewError naming the line */
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
    if (typeof html !== 'string') throw new ViewError(`the engine of views gave a ${typeof html}, no text`)
    return html
  }

  #loadEngine(): Promise<ViewEngine> {
    const { engine, cache } = this.#settings
    this.#engine ??=
      engine === undefined
        ? import('eta/core').then(({ Eta }) => new EtaEngine(Eta, this.#files, cache))
        : Promise.resolve(engine)
    return this.#engine
  }
}

/** Puts what promises have become in their place. */
async function settle(values: Values): Promise<Values> {
  for (const [name, value] of Object.entries(values)) {
    if (value instanceof Promise) values[name] = await value
  }
  return values
}
