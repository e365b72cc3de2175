import type { HtmlOutput, View } from '../http/view.ts'
import { ignoreRejection } from '../base/ignore-rejection.ts'

type Values = Record<string, unknown>

/** What renders templates; `Views` does. */
export interface Renderer {
  renderFile(name: string, values: Values): Promise<string>
  renderText(text: string, values: Values): Promise<string>
}

/** The view of one request: what is assigned to it is seen by this request alone. */
export class RequestView implements View {
  readonly #renderer: Renderer
  readonly #response: HtmlOutput
  /** Inherits nothing, so that every name is but a name. */
  readonly #values: Values = Object.create(null)

  constructor(renderer: Renderer, response: HtmlOutput) {
    this.#renderer = renderer
    this.#response = response
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
    return ignoreRejection((async () => this.#renderer.renderText(text, this.#valuesWith(data)))())
  }

  display(file = 'index', data?: object): Promise<void> {
    return ignoreRejection(this.#render(file, data).then((html) => this.#response.writeHtml(html)))
  }

  async #render(file: string, data: object | undefined): Promise<string> {
    return this.#renderer.renderFile(file, this.#valuesWith(data))
  }

  #valuesWith(data: object | undefined): Values {
    const values: Values = Object.assign(Object.create(null), this.#values, data)
    for (const value of Object.values(values)) if (value instanceof Promise) void ignoreRejection(value)
    return values
  }
}
