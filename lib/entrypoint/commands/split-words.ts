/** A blank, a text in quotes, an escaped character, plain text; last, what begins something that doesn't end. */
const tokens = /([ \t\n]+)|'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])|([^ \t\n'"\\]+)|(['"\\])/g

/**
 * Splits a text into words by the rules of POSIX shells for blanks, quotes and backslashes (section 2.2 of the Shell
 * Command Language). Nothing is expanded, and `;`, `|`, `&`, `<`, `>` and `#` are plain characters.
 *
 * @returns `undefined` if a quote isn't closed, or a backslash is the last character
 */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  for (const [, blank, single, double, escaped, plain, unclosed] of text.matchAll(tokens)) {
    if (unclosed !== undefined) return undefined
    // An escaped line break joins two lines.
    if (escaped === '\n') continue
    if (blank === undefined) word = (word ?? '') + (single ?? escaped ?? plain ?? unescape(double as string))
    else if (word !== undefined) {
      words.push(word)
      word = undefined
    }
  }
  return word === undefined ? words : [...words, word]
}

/** Within double quotes, a backslash escapes these alone, and stays before any other character. */
function unescape(quoted: string): string {
  return quoted.replaceAll(/\\([$`"\\\n])/g, (_, escaped: string) => (escaped === '\n' ? '' : escaped))
}

/** A text in quotes, an escaped character. */
const quoted = /'[^']*'|"(?:[^"\\]|\\[^])*"|\\[^]/g

/** An operator as a word of its own or at the end of one, a variable, an assignment, a command of the shell itself. */
const shellOnly = /(?:^|\s)(?:[|&;]|[\d&]?[<>])|;(?:\s|$)|\$[\w({]|^\s*(?:\w+=|(?:cd|export|source)(?:\s|$))/

/** Whether a text has something, outside of quotes, that only a shell carries out. */
export function isForShell(text: string): boolean {
  return shellOnly.test(text.replaceAll(quoted, 'x'))
}
