/** Renders templates with values that belong to one request. */
export interface View {
  /** Gives templates a value under a name, in place of one that had it. */
  assign(name: string, value: unknown): void
  /** Gives templates the own fields of an object, or the entries of a Map. */
  assigns(values: object): void
  /**
   * What a template gives.
   *
   * @param file in the root of views, with or without its extension; `ViewError` where there is none
   * @param data goes before what was assigned, this once
   */
  parse(file: string, data?: object): Promise<string>
  /** What a text gives that is a template itself. It is code like any template: never what a user sent. */
  parseContent(text: string, data?: object): Promise<string>
  /** Writes what a template gives to the response, as HTML; by default that of `index`. */
  display(file?: string, data?: object): Promise<void>
}

/** Makes the view of a request; one serves a whole server. */
export interface ViewFactory {
  createView(response: HtmlOutput): View
}

/** Where a view writes to. */
export interface HtmlOutput {
  writeHtml(text: string): void
}
