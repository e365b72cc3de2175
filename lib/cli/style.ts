/** What a terminal shows in another way. */
const codes = { bold: [1, 22], dim: [2, 22], red: [31, 39], yellow: [33, 39], green: [32, 39], cyan: [36, 39] } as const

/** Returns a function that styles a text for a stream: on a terminal, unless `NO_COLOR` is set; elsewhere where `FORCE_COLOR` is. */
export function styleFor(stream: { readonly isTTY?: boolean }): (style: keyof typeof codes, text: string) => string {
  if (!showsColours(stream, process.env)) return (_style, text) => text
  return (style, text) => `\u001b[${codes[style][0]}m${text}\u001b[${codes[style][1]}m`
}

function showsColours({ isTTY }: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: terminal } = env
  // As Node.js has it: https://force-color.org, https://no-color.org.
  if (force !== undefined) return force !== '0' && force !== 'false'
  return isTTY === true && terminal !== 'dumb' && (no === undefined || no === '')
}
