import { createPrivateKey } from 'node:crypto'
import { join } from 'node:path'
import { expect } from 'chai'
import { Server } from 'tribind'
import { collectingLogger, rejected } from './both-ways.ts'
import { create, local, portAt, start, stopAll } from './entry-point-world.ts'
import { cert, files, key } from './key-pair.ts'
import { temporaryFolder } from './temporary-folder.ts'

describe('errors of an entry point', () => {
  afterEach(stopAll)

  it('name the call that options were given to', async () => {
    const server = await start({ entryPoints: { web: local } })
    expect((await rejected(server.openEntryPoint('ops', { address: local, prot: 1 } as never))).message).to.match(
      /^openEntryPoint: unknown option "entryPoints\.ops\.prot"/,
    )
    expect((await rejected(server.replaceEntryPoint('web', 'a b'))).message).to.match(
      /^replaceEntryPoint: option "entryPoints\.web\.address": .*"a b"/,
    )
  })

  describe('name it, and who listens there, where the address is in use', () => {
    const inUse = async (server: Server, calling: Promise<unknown>) => {
      const { message } = await rejected(calling)
      return message.replaceAll(String(portAt(server, 'web')), 'PORT')
    }
    const folder = temporaryFolder({})
    const said = (address: string, holder: string) =>
      `can't listen on ${address} for entry point "ops" (EADDRINUSE): ${holder}; choose another port, or 0 for a free one`

    for (const [what, web, taken] of [
      ['by the same address', '127.0.0.1:0', '127.0.0.1:PORT'],
      ['by its name', 'localhost:0', 'localhost:PORT'],
      ['on every interface', ':0', '127.0.0.1:PORT'],
    ] as const) {
      it(`by another entry point, ${what}`, async () => {
        const server = await start({ entryPoints: { web } })
        const opening = server.openEntryPoint('ops', taken.replace('PORT', String(portAt(server, 'web'))))
        expect(await inUse(server, opening)).to.equal(said(taken, 'entry point "web" of this server listens there'))
      })
    }

    it('by the entry point itself', async () => {
      const server = await start({ entryPoints: { web: local, ops: local } })
      const port = portAt(server, 'ops')
      const { message } = await rejected(server.replaceEntryPoint('ops', `:${port}`))
      expect(message.replace(String(port), 'PORT')).to.equal(said(':PORT', 'this entry point itself listens there'))
    })

    it('by another server', async () => {
      const [server, other] = [await start({ entryPoints: { web: local } }), await start({ port: 0 })]
      const opening = other.openEntryPoint('ops', String(server.addresses[0]))
      expect(await inUse(server, opening)).to.equal(
        said('127.0.0.1:PORT', 'another process, or another server of this process, listens there'),
      )
    })

    it('by another entry point at a Unix socket', async () => {
      const path = join(folder, 'web.sock')
      const server = await start({ entryPoints: { web: `unix:${path}` } })
      const { message } = await rejected(server.openEntryPoint('ops', `unix:${path}`))
      expect(message).to.contain('(EADDRINUSE): entry point "web" of this server listens there; end it')
    })

    it('at the start, but for the entry point that is the server itself', async () => {
      const server = await start({ entryPoints: { web: local } })
      const address = String(server.addresses[0])
      const [own, plain] = [create({ entryPoints: { ops: address } }), create({ address })]
      expect((await rejected(own.start())).message).to.contain(`on ${address} for entry point "ops" (EADDRINUSE)`)
      expect((await rejected(plain.start())).message).to.contain(`on ${address} (EADDRINUSE)`)
    })
  })

  describe('name it where its key can’t be used', () => {
    const encryptedKey = createPrivateKey(key)
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' })
      .toString()
    for (const [what, options, culprit] of [
      [
        'its own',
        { entryPoints: { a: { address: ':0', https: { ...files, key: '/nowhere' } } } },
        'entryPoints.a.https.key',
      ],
      ['that of the server', { entryPoints: { a: ':0' }, https: { ...files, key: '/nowhere' } }, 'https.key'],
      [
        'its key without a passphrase',
        { entryPoints: { a: { address: ':0', https: { key: encryptedKey, cert } } } },
        'entryPoints.a.https.key',
      ],
      [
        'its ciphers',
        { entryPoints: { a: { address: ':0', https: { ...files, ciphers: 'NONE-SUCH' } } } },
        'entryPoints.a.https',
      ],
    ] as const) {
      it(`${what}: ${culprit}`, async () => {
        const server = new Server({ logger: collectingLogger(), ...options })
        expect((await rejected(server.start())).message).to.contain(`option "${culprit}"`)
      })
    }
  })
})
