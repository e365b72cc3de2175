import { Context, Server } from 'tribind'

// What may be the base of contexts. Checked by tsc, never run.

interface Settings {
  readonly greeting: string
}
const settings: Settings = { greeting: 'Hello' }

for (const base of [settings, { a: 1 }, new Context(), new Map([['a', 1]])])
  void new Server({ baseContext: () => base })
void new Server({ baseContext: (address) => ({ address }) })

// @ts-expect-error -- a promise is none
void new Server({ baseContext: async () => settings })
// @ts-expect-error -- a text is none
void new Server({ baseContext: (address) => address })
