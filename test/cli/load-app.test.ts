import { join } from 'node:path'
import { expect } from 'chai'
import { ConfigError, Server } from 'tribind'
import { loadApp } from '../../lib/cli/load-app.ts'
import { temporaryFolder } from '../feature/temporary-folder.ts'

const importServer = `import { Server } from ${JSON.stringify(new URL('../../lib/index.ts', import.meta.url).href)}`

describe('the module of an application', () => {
  const folder = temporaryFolder({
    'named.mjs': 'export const a = 1; export function register(server) { server.bindHandler("/a", () => "") }',
    'default.mjs': 'export default (server) => server.bindHandler("/a", () => "")',
    'object.mjs': 'export default { path: "/a", register(server) { server.bindHandler(this.path, () => "") } }',
    'common.cjs': 'exports.register = (server) => server.bindHandler("/a", () => "")',
    'server.mjs': `${importServer}\nexport const app = new Server({ port: 0 }).bindHandler("/a", () => "")`,
    'both.mjs': `${importServer}\nexport const other = new Server(); export default new Server({ port: 0 }).bindHandler("/a", () => "")`,
    'run.mjs': `${importServer}\nconst server = new Server({ port: 0 }).bindHandler("/a", () => "")\nawait server.run()\nthrow new Error("never")`,
    'later.mjs': `${importServer}\nsetTimeout(() => void new Server({ port: 0 }).bindHandler("/a", () => "").run(), 20)`,
    'two.mjs': `${importServer}\nexport const a = new Server(), b = new Server()`,
    'nothing.mjs': 'export const a = 1, b = class {}',
    'class.mjs': 'export default class Page {}',
    'throws.mjs': 'export const a = 1\nthrow new TypeError("no luck")',
    'syntax.mjs': 'export const = 1',
    'package.mjs': 'import "no-such-package"',
    'folder/index.mjs': '',
  })
  const load = (module: string) => loadApp(module, { from: folder, holds: true })
  const refusal = async (module: string) => {
    const error = await load(module).catch((caught: unknown) => caught)
    expect(error).to.be.instanceOf(ConfigError).with.property('failure', 'ERR_TRIBIND_APPLICATION_MODULE')
    const { message } = error as Error
    expect(message).to.include(`module "${module}" (${join(folder, module)})`)
    return message
  }

  for (const module of ['named.mjs', 'default.mjs', 'object.mjs', 'common.cjs'])
    it(`may export register: ${module}`, async () => {
      const loaded = await load(module)
      loaded.release()
      if (loaded.kind !== 'register') throw new Error(loaded.kind)
      const server = new Server({ entryPoints: {} })
      await loaded.register(server)
      expect(server.routes().map(({ route }) => route)).to.deep.equal(['/a'])
    })

  for (const module of ['server.mjs', 'both.mjs'])
    it(`may export a server: ${module}`, async () => {
      const loaded = await load(module)
      loaded.release()
      if (loaded.kind !== 'server') throw new Error(loaded.kind)
      expect(loaded.server.routes().map(({ route }) => route)).to.deep.equal(['/a'])
      expect(loaded.servers).to.include(loaded.server)
    })

  for (const module of ['run.mjs', 'later.mjs'])
    it(`may be a script, whose server is held back: ${module}`, async () => {
      const loaded = await load(module)
      expect(loaded.kind).to.equal('script')
      const [server] = loaded.servers
      expect(server?.state).to.equal('created')
      expect(server?.routes().map(({ route }) => route)).to.deep.equal(['/a'])
      loaded.release(false)
      expect(loaded.starting.size).to.be.at.most(1)
    })

  it('lets a server that was held back start once it is released', async () => {
    const loaded = await load('server.mjs')
    if (loaded.kind !== 'server') throw new Error(loaded.kind)
    const starting = loaded.server.start()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(loaded.server.state).to.equal('created')
    loaded.release()
    await starting
    expect(loaded.server.state).to.equal('ready')
    await loaded.server.stop()
    const again = await load('server.mjs')
    again.release()
    expect(again).to.have.property('server').that.has.property('state', 'created')
  })

  it('is refused with what is wrong, and where', async () => {
    expect(await refusal('namd.mjs')).to.include('does not exist, did you mean "named.mjs"?')
    expect(await refusal('folder')).to.include('is no file')
    expect(await refusal('two.mjs')).to.include('exports 2 servers')
    expect(await refusal('throws.mjs')).to.match(/fails while it is loaded: TypeError: no luck \(file:.*throws\.mjs:\d/)
    expect(await refusal('syntax.mjs')).to.include('SyntaxError')
    expect(await refusal('package.mjs')).to.include("Cannot find package 'no-such-package'")
    const [nothing, page] = await Promise.all([refusal('nothing.mjs'), refusal('class.mjs')])
    expect(nothing).to.include('exports a, b: it must export register(server)')
    expect(page).to.include('exports default: it must export register(server)')
  })
})
