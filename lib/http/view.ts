import type { Language } from './language.ts'

/** Renders templates with values that belong to one request. */
export interface View {
  /** Assigns a value to a name in templates. Replaces an earlier value of that name. */
  assign(name: string, value: unknown): void
  /** Assigns the own fields of an object, or the entries of a Map. */
  assigns(values: object): void
  /**
   * Returns the text of a rendered template.
   *
   * @param file in the root of views, with or without its extension; `ViewError` if it doesn't exist
   * @param data takes precedence over what was assigned, in this call only
   */
  parse(file: string, data?: object): Promise<string>
  /** Renders a text that is itself a template. Security: a template is code; never pass what a user sent. */
  parseContent(text: string, data?: object): Promise<string>
  /** Renders a template, by default `index`, and writes it to the response as HTML. */
  display(file?: string, data?: object): Promise<void>
}

/** Creates the view of each request. A server has one factory. */
export interface ViewFactory {
  /** @param t what templates get under that name, unless a value is assigned to it; `undefined` for nothing */
  createView(response: HtmlOutput, t: Language['t'] | undefined): View
}

/** Where a view writes to. */
export interface HtmlOutput {
  writeHtml(text: string): void
}
