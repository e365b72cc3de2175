import { inspect } from 'node:util'
import { expect } from 'chai'
import { Server } from 'tribind'
import { createTestClient, createTestServer } from 'tribind/testing'
import { collectingLogger, type Entry } from '../feature/both-ways.ts'

/** Collects what is written to stderr and through `console` while the function runs. */
async function writtenBy(act: () => Promise<void>): Promise<string[]> {
  const written: string[] = []
  const write = process.stderr.write.bind(process.stderr)
  const { warn, error } = console
  const keep = (...line: unknown[]) =>
    written.push(line.map((part) => (typeof part === 'string' ? part : inspect(part))).join(' '))
  process.stderr.write = (text: unknown) => keep(text) > 0
  console.warn = console.error = keep
  try {
    await act()
  } finally {
    process.stderr.write = write
    Object.assign(console, { warn, error })
  }
  return written
}

const build = (options: ConstructorParameters<typeof Server>[0] = {}) =>
  new Server({ accessLog: true, ...options }).get('/', () => 'hello')

const failing = (server: Server) => {
  server.get('/fails', () => {
    throw new Error('boom')
  })
}

describe('the log of an application under test', () => {
  let level: string | undefined
  before(() => {
    level = process.env['LOG_LEVEL']
    process.env['LOG_LEVEL'] = 'info'
  })
  after(() => {
    if (level === undefined) delete process.env['LOG_LEVEL']
    else process.env['LOG_LEVEL'] = level
  })

  it('is written without a test', async () => {
    expect((await writtenBy(async () => void (await build().inject())))[0]).to.include('"status":200')
  })

  it('has no access log in a test server', async () => {
    const written = await writtenBy(async () => {
      await using own = await createTestServer(build())
      await own.client().get('/')
      await own.whenIdle()
      await using registered = await createTestServer((server) => server.get('/', () => 'hello'), { accessLog: true })
      await registered.client().get('/')
      await registered.whenIdle()
      await using undefinedLogger = await createTestServer(() => {}, { accessLog: true, logger: undefined } as object)
      await undefinedLogger.client().get('/')
      await undefinedLogger.whenIdle()
    })
    expect(written).to.deep.equal([])
  })

  it('has no access log by a test client', async () => {
    expect(await writtenBy(async () => void (await createTestClient(build()).get('/')))).to.deep.equal([])
  })

  it('has warnings and errors all the same', async () => {
    const server = build()
    failing(server)
    const written = await writtenBy(async () => void (await createTestClient(server).get('/fails')))
    expect(written).to.have.length(1)
    expect(written[0]).to.include('boom')
  })

  it('is whole where the application has a logger of its own', async () => {
    const log: Entry[] = []
    const server = build({ logger: collectingLogger(log) })
    await using running = await createTestServer(server)
    await running.client().get('/')
    await running.whenIdle()
    expect(log.filter(({ level }) => level === 'info').map(({ fields }) => fields)).to.have.lengthOf.above(0)
    expect(log.some(({ fields }) => (fields as { status?: number } | undefined)?.status === 200)).to.equal(true)
  })
})
