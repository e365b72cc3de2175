/** The ways to convert the name of a class or method to a segment of a path. */
export const namingStyles = ['kebab', 'full', 'lower', 'camel'] as const

/** A way to convert a name. In order, they convert `ShowAll` to `show-all`, `ShowAll`, `showall` and `showAll`. */
export type NamingStyle = (typeof namingStyles)[number]

export function nameToUri(name: string, style: NamingStyle): string {
  switch (style) {
    case 'full':
      return name
    case 'lower':
      return name.toLowerCase()
    case 'camel':
      return name.charAt(0).toLowerCase() + name.slice(1)
    case 'kebab':
      // A word begins at a capital after another letter, and at the last capital of several: getHTMLPage, get-html-page.
      return name.replace(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/gu, '-').toLowerCase()
  }
}
