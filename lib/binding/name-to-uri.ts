/** The ways to make a segment of a path from the name of a class or method. */
export const namingStyles = ['kebab', 'full', 'lower', 'camel'] as const

/** For `ShowAll`: `show-all`, `ShowAll`, `showall`, `showAll`. */
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
