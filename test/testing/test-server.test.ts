import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { Server, StateError } from 'tribind'
import { createTestServer } from 'tribind/testing'
import { collectingLogger, gate, rejected, turns } from '../feature/both-ways.ts'
import { temporaryFolder } from '../feature/temporary-folder.ts'

/** Whether anything listens on the port. */
async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const answered = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'close').then(() => false),
  ]).catch(() => false)
  socket.destroy()
  return answered
}

describe('createTestServer', () => {
  const folder = temporaryFolder({})

  it('serves on a free port of 127.0.0.1, until it is stopped', async () => {
    const server = await createTestServer((server) => server.get('/:name', ({ params }) => params.name))
    expect(server.port).to.be.above(0).and.not.equal(8199)
    expect(server.url).to.equal(`http://127.0.0.1:${server.port}`)
    expect(server.server.isReady()).to.equal(true)
    expect(await (await fetch(`${server.url}/Ann`)).text()).to.equal('Ann')
    expect(await (await server.fetch('/Bob', { headers: { connection: 'close' } })).text()).to.equal('Bob')
    expect((await server.inject({ url: '/Cid' })).text()).to.equal('Cid')
    await server.stop()
    expect(await isOpen(server.port)).to.equal(false)
  })

  it('has a port for each server', async () => {
    const both = await Promise.all([createTestServer(() => {}), createTestServer(() => {})])
    expect(both[0].port).to.not.equal(both[1].port)
    await Promise.all(both.map((server) => server.stop()))
  })

  it('waits for a function that is async', async () => {
    await using server = await createTestServer(async (server) => {
      await Promise.resolve()
      server.get('/', () => 'late')
    })
    expect((await server.client().get('/')).text()).to.equal('late')
  })

  it('is stopped at the end of its block', async () => {
    let port = 0
    {
      await using server = await createTestServer(() => {})
      ;({ port } = server)
      expect(await isOpen(port)).to.equal(true)
    }
    expect(await isOpen(port)).to.equal(false)
  })

  it('takes options for the server it makes', async () => {
    await using server = await createTestServer((server) => server.get('/', () => ''), { methodNotAllowed: true })
    expect((await server.client().post('/')).status).to.equal(405)
  })

  it('may listen on a Unix socket, where its client finds it', async () => {
    const path = join(folder, 'test.sock')
    await using server = await createTestServer((server) => server.get('/', ({ host }) => host), {
      address: `unix:${path}`,
    })
    expect([server.url, server.port]).to.deep.equal([`unix:${path}`, 0])
    expect((await server.client().get('/')).text()).to.equal('localhost')
  })

  it('takes a server that was made elsewhere, and moves it to a free port', async () => {
    const made = new Server({ address: ':8199', logger: collectingLogger() })
    made.get('/', () => 'made')
    await using server = await createTestServer(made)
    expect(server.server).to.equal(made)
    expect(server.url).to.match(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect((await server.client().get('/')).text()).to.equal('made')
    expect(await rejected(createTestServer(made))).to.be.instanceOf(StateError)
    expect(made.isReady()).to.equal(true)
  })

  it('writes warnings and errors to the console, and nothing else', async () => {
    const { error, info } = console
    const seen: unknown[] = []
    console.error = (...line: unknown[]) => seen.push(...line)
    console.info = (...line: unknown[]) => seen.push(...line)
    const failure = new Error('boom')
    try {
      await using server = await createTestServer((server) => {
        server.get('/', () => {
          throw failure
        })
      })
      server.server.logger.info('quiet')
      await server.client().get('/')
    } finally {
      Object.assign(console, { error, info })
    }
    expect(seen).to.have.length(2)
    expect(seen[1]).to.include({ error: failure })
  })

  describe('where something fails', () => {
    const failure = new Error('no database')

    it('throws what the function threw, and ends the server', async () => {
      let made: Server | undefined
      const failed = createTestServer(async (server) => {
        made = server
        throw failure
      })
      expect(await rejected(failed)).to.equal(failure)
      expect(made?.state).to.equal('stopped')
    })

    it('throws what a startup hook threw, and leaves nothing open', async () => {
      let port = 0
      const failed = createTestServer((server) => {
        server.registerStartupHook(() => {
          ;({ port } = server)
          throw failure
        })
      })
      expect(await rejected(failed)).to.equal(failure)
      expect(port).to.be.above(0)
      expect(await isOpen(port)).to.equal(false)
    })

    it('throws what listening failed with', async () => {
      await using other = await createTestServer(() => {})
      const failed = await rejected(createTestServer(() => {}, { port: other.port }))
      expect(failed).to.include({ name: 'ListenError' })
    })

    it('throws what is wrong with the options', async () => {
      expect((await rejected(createTestServer(() => {}, { port: -1 }))).message).to.include('port')
    })
  })
})

describe('whenIdle of a test server', () => {
  it('resolves when the close events of all requests have run', async () => {
    const closed: string[] = []
    await using server = await createTestServer((server) => {
      server.get('/:n', ({ params }) => params.n)
      server.bindHookHandler('/*', 'AfterClose', async ({ path }) => {
        await new Promise(setImmediate)
        closed.push(path)
      })
    })
    const client = server.client()
    await Promise.all([client.get('/1'), client.get('/2')])
    await server.whenIdle()
    expect(closed.toSorted()).to.deep.equal(['/1', '/2'])
  })

  it('resolves for a client that went away, once its handler has ended too', async () => {
    const { opened: entered, open: enter } = gate()
    const seen: string[] = []
    await using server = await createTestServer((server) => {
      server.get('/slow', async ({ signal }) => {
        enter()
        await once(signal, 'abort')
        seen.push('aborted')
      })
      server.bindHookHandler('/*', 'BeforeClose', () => void seen.push('BeforeClose'))
    })
    const leaving = new AbortController()
    const failed = rejected(server.client().get('/slow', { signal: leaving.signal }))
    await entered
    const reason = new Error('enough')
    leaving.abort(reason)
    expect(await failed).to.equal(reason)
    await server.whenIdle()
    expect(seen).to.deep.equal(['aborted', 'BeforeClose'])
  })

  it('waits for what still runs', async () => {
    const { opened, open } = gate()
    const { opened: entered, open: enter } = gate()
    const order: string[] = []
    await using server = await createTestServer((server) => {
      server.get('/', async () => {
        enter()
        await opened
      })
    })
    const answered = server
      .client()
      .get('/')
      .then(() => order.push('answered'))
    await entered
    const idle = server.whenIdle().then(() => order.push('idle'))
    await turns()
    expect(order).to.deep.equal([])
    open()
    await Promise.all([answered, idle])
    expect(order.toSorted()).to.deep.equal(['answered', 'idle'])
  })
})
