import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { adminOptions } from '../../lib/server/admin-options.ts'
import { type AdminWorld, createFolder, startAdmin, token } from '../admin/admin-world.ts'

const page = readFileSync(new URL('../../docs/administration.md', import.meta.url), 'utf8')
const commands = [...page.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, code = '']) =>
  code.replaceAll('\\\n', ' ').split('\n').filter(Boolean),
)

describe('docs/administration.md', () => {
  const folder = createFolder()
  let world: AdminWorld
  before(async () => {
    const admin = { address: `unix:${folder.path}`, token }
    world = await startAdmin((server) => server.get('/cart/:id', () => 'cart'), {
      entryPoints: { web: '127.0.0.1:0' },
      admin,
    })
    await world.send('PUT', '/config/routing', { services: { carts: { text: 'carts' } } })
  })
  after(async () => {
    await world.stop()
    folder.remove()
  })

  it('has commands', () => expect(commands).to.have.length.above(8))

  for (const command of commands)
    it(`has a command that works: ${command.replace(/.*(?=http:)/, '').slice(0, 60)}`, async () => {
      expect(command).to.match(/^curl /)
      const local = command
        .replace(/^curl /, `curl -sS --fail-with-body --unix-socket ${folder.path} `)
        .replace('http://127.0.0.1:8198', 'http://localhost')
      const { stdout } = await promisify(execFile)('/bin/sh', ['-c', local], { env: { ...process.env, TOKEN: token } })
      expect(JSON.parse(stdout)).to.satisfy((value: unknown) => typeof value === 'object')
    })

  it('lists every path, and none that is not there', async () => {
    const paths = [...page.matchAll(/^\| (`\/.*?`) \|/gm)].flatMap(([, cell = '']) => cell.match(/\/[\w/]*/gi) ?? [])
    expect(paths).to.have.length.above(20)
    for (const path of paths.filter((path) => !path.endsWith('NAME') && path !== '/api/events'))
      expect([path, (await world.ask(path)).status]).to.deep.equal([path, 200])
  })

  it('has the options with what they must be', () => {
    const names = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)
    expect(names).to.have.members(adminOptions.rows().map(({ name }) => name))
  })
})
