/** Options by the names of those that a table returns, before they are checked. */
export type Unread<Read> = { readonly [Name in keyof Read]?: unknown }
