import { expect } from 'chai'
import { compile } from './compile.ts'

// A declaration in `Register` is one for the whole program, so each case is a program of its own.

const registered = `import { Server } from 'tribind'
import { loadConfig, serverSchema } from 'tribind/config'
const load = () => loadConfig({ schema: { server: serverSchema } })
declare module 'tribind' { interface Register { config: Awaited<ReturnType<typeof load>> } }
const config = await load()
const server = new Server({ config, ...config.get('server') })
`

describe('server.config', () => {
  it('has the type that Register declares', () => {
    const program = `${registered}
const a: number | undefined = server.config.get('server.port')
const b: string = server.config.get('server.name')
server.get('/', (request) => request.server.config.get('server.name').length)
// @ts-expect-error misspelt
server.config.get('server.prot')
// @ts-expect-error of another type
const c: string = server.config.get('server.port')
// @ts-expect-error not a configuration
new Server({ config: 5 })
`
    expect(compile(program)).to.equal('')
  }).timeout(60_000)

  it('names the paths that there are where one is misspelt', () => {
    const output = compile(`${registered}server.config.get('server.prot')\n`)
    expect(output).to.include(`'"server.prot"' is not assignable`)
  }).timeout(60_000)

  it('takes any path where nothing is declared, and any configuration', () => {
    const program = `import { Server } from 'tribind'
import { loadConfig, serverSchema } from 'tribind/config'
const config = await loadConfig({ schema: { server: serverSchema } })
const server = new Server({ config, ...config.get('server') })
const a: unknown = server.config.get('what.ever')
const b: boolean = server.config.has('what.ever')
// @ts-expect-error its type is not known
const c: string = server.config.get('what.ever')
`
    expect(compile(program)).to.equal('')
  }).timeout(60_000)
})
