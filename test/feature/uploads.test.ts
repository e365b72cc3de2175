import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect } from 'chai'
import { ConfigError, Server, type UploadFile } from 'tribind'
import { type Ask, bothWays, openRaw, overHttp1, type Send, thrownBy, until } from './both-ways.ts'
import { encodeMultipart, multipart, type Part } from './multipart-body.ts'

const file = (name: string, filename: string, content: string | Uint8Array = 'content'): Part => ({
  name,
  filename,
  content,
  type: 'image/png',
})
const upload = (...parts: Part[]): Ask => ({
  method: 'POST',
  url: '/',
  headers: multipart,
  body: encodeMultipart(parts),
})

describe('files', () => {
  const root = mkdtempSync(join(tmpdir(), 'tribind-test-'))
  const dir = join(root, 'temporary')
  const saved = join(root, 'saved')
  const options = { upload: { dir, maxFiles: 3, maxFileSize: 100_000, maxFields: 2 } }

  beforeEach(() => [dir, saved].forEach((path) => mkdirSync(path)))
  afterEach(() => [dir, saved].forEach((path) => rmSync(path, { recursive: true })))
  after(() => rmSync(root, { recursive: true }))

  const nothingLeft = () => until(() => readdirSync(dir).length === 0, 'nothing was left over')

  const describeFile = (it: UploadFile | undefined) => it && { ...it.toJSON(), content: readFileSync(it.path, 'utf8') }

  async function isAlive(send: Send): Promise<void> {
    expect((await send('/alive')).text).to.equal('alive')
  }

  const register = (server: Server): void => {
    server.all('/', async (request) => {
      const [a, none] = [await request.file('a'), await request.file('none')]
      return {
        a: describeFile(a),
        none: none ?? null,
        all: (await request.files()).map((it) => it.filename),
        form: await request.form(),
      }
    })
    server.get('/alive', () => 'alive')
  }

  bothWays(
    'come with name, filename, type, size and path, among the fields',
    register,
    async (send) => {
      const form = upload(
        file('a', 'ä b.png', 'one'),
        { name: 'f', content: 'field' },
        file('a', 'two.png', ''),
        file('b', 'c'),
      )
      expect((await send(form)).json()).to.deep.equal({
        a: { name: 'a', filename: 'ä b.png', type: 'image/png', size: 3, content: 'one' },
        none: null,
        all: ['ä b.png', 'two.png', 'c'],
        form: { f: 'field' },
      })
      await nothingLeft()
    },
    options,
  )

  bothWays(
    'are none in other forms, without a body, and where a browser sends an input without a choice',
    register,
    async (send) => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      for (const ask of ['/', { method: 'POST', url: '/', headers, body: 'a=1' }, upload(file('a', '', ''))]) {
        expect((await send(ask)).json()).to.deep.include({ none: null, all: [] })
      }
      await nothingLeft()
    },
    options,
  )

  bothWays(
    'lie in a folder of their own that nobody else can enter, and are gone when AfterClose runs',
    (server) => {
      const seen: string[] = []
      server.post('/', async (request) => {
        const path = (await request.file('a'))?.path ?? ''
        seen.push(path)
        expect(statSync(join(path, '..')).mode & 0o777).to.equal(0o700)
        expect(basename(join(path, '..'))).to.match(/^tribind-/)
        return 'done'
      })
      for (const event of ['BeforeClose', 'AfterClose'] as const)
        server.bindHookHandler('/', event, () => void seen.push(`${event} ${existsSync(seen[0] ?? '')}`))
      return seen
    },
    async (send, seen) => {
      expect((await send(upload(file('a', 'a')))).text).to.equal('done')
      await nothingLeft()
      await until(() => seen.length === 3, 'AfterClose')
      expect(seen.slice(1)).to.deep.equal(['BeforeClose true', 'AfterClose false'])
    },
    options,
  )

  bothWays(
    'stay where they are saved: in a folder, as a file, and again as copies',
    (server) => {
      server.post('/', async (request) => {
        const it = (await request.file('a')) as UploadFile
        const paths = [await it.save(saved), it.path, await it.save(join(saved, 'copy')), it.path]
        return paths.map((path) => path.replace(saved, ''))
      })
    },
    async (send) => {
      expect((await send(upload(file('a', '../../etc/passwd', 'mine')))).json()).to.deep.equal([
        '/passwd',
        '/passwd',
        '/copy',
        '/passwd',
      ])
      await nothingLeft()
      for (const name of ['passwd', 'copy']) expect(readFileSync(join(saved, name), 'utf8')).to.equal('mine')
      expect(statSync(join(saved, 'passwd')).mode & 0o100).to.equal(0)
    },
    options,
  )

  bothWays(
    'are moved to other file systems too',
    (server) => {
      server.post('/', async (request) => (await request.file('a'))?.save('/dev/shm/tribind-test-upload'))
    },
    async (send) => {
      expect((await send(upload(file('a', 'a')))).text).to.equal('/dev/shm/tribind-test-upload')
      expect(readFileSync('/dev/shm/tribind-test-upload', 'utf8')).to.equal('content')
      rmSync('/dev/shm/tribind-test-upload')
      await nothingLeft()
    },
    options,
  )

  const tooMuch: Record<string, [Ask, string]> = {
    'too many files': [
      upload(...'abcd'.split('').map((name) => file(name, name))),
      'more than 3 files (upload.maxFiles)',
    ],
    'too large a file': [
      upload(file('a', 'a'), file('b', 'b', 'x'.repeat(100_001))),
      'a file larger than 100000 bytes (upload.maxFileSize)',
    ],
    'too many fields after a file': [
      upload(file('a', 'a'), ...'bcd'.split('').map((name) => ({ name, content: '' }))),
      'more than 2 fields (upload.maxFields)',
    ],
    'too long a name': [
      upload(file('a', 'a'), file('n'.repeat(201), 'b')),
      'a name longer than 200 characters (upload.maxNameLength)',
    ],
  }
  for (const [name, [ask, text]] of Object.entries(tooMuch)) {
    bothWays(
      `with ${name} are 413, and nothing is left over`,
      register,
      async (send, _, { log }) => {
        const answer = await send(ask)
        expect([answer.status, answer.text]).to.deep.equal([413, `The form has ${text}`])
        await nothingLeft()
        await isAlive(send)
        expect(log.filter(({ level }) => level === 'error')).to.be.empty
      },
      options,
    )
  }

  bothWays(
    'of exactly the largest size are taken',
    register,
    async (send) => {
      expect((await send(upload(file('b', 'b', 'x'.repeat(100_000))))).json()).to.deep.include({ all: ['b'] })
    },
    options,
  )

  bothWays(
    'that end too early are 400, and nothing is left over',
    register,
    async (send) => {
      const body = encodeMultipart([file('a', 'a', 'x'.repeat(90_000)), file('b', 'b', 'x'.repeat(90_000))])
      for (const length of [body.length - 30, 100_000, 90_150, 5000, 100]) {
        const answer = await send({ ...upload(), body: body.subarray(0, length) })
        expect(answer.status, String(length)).to.equal(400)
        await nothingLeft()
        await isAlive(send)
      }
    },
    options,
  )

  bothWays(
    'of a handler that fails, or does not wait for them, are removed',
    (server) => {
      server.post('/', async (request) => {
        await request.form()
        throw new Error('secret')
      })
      server.post('/unawaited', (request) => {
        request.form().catch(() => {})
        return 'done'
      })
      server.get('/alive', () => 'alive')
    },
    async (send) => {
      const form = upload(file('a', 'a', 'x'.repeat(90_000)), file('b', 'b', 'x'.repeat(90_000)))
      expect((await send(form)).status).to.equal(500)
      await nothingLeft()
      expect((await send({ ...form, url: '/unawaited' })).text).to.equal('done')
      await new Promise((resolve) => setTimeout(resolve, 20))
      await nothingLeft()
      await isAlive(send)
    },
    options,
  )

  overHttp1(
    'of a client that goes away midway are removed',
    register,
    async (send, _, { port, log }) => {
      const body = encodeMultipart([file('a', 'a', 'x'.repeat(90_000)), file('b', 'b', 'x'.repeat(90_000))])
      const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Type: ${multipart['content-type']}\r\nContent-Length: ${body.length}\r\n\r\n`
      const { socket } = await openRaw(port, head + body.subarray(0, 120_000).toString('latin1'))
      await until(() => readdirSync(dir).length === 1, 'a file came')
      socket.destroy()
      await nothingLeft()
      await isAlive(send)
      expect(log.filter(({ level }) => level === 'error')).to.be.empty
    },
    options,
  )

  bothWays(
    'that can not be written are an error of the server, and the next request is served',
    register,
    async (send) => {
      expect((await send(upload(file('a', 'a')))).status).to.equal(500)
      await isAlive(send)
    },
    { upload: { dir: join(root, 'missing') } },
  )

  it('have options that are checked', () => {
    for (const [name, value] of Object.entries({ maxFiles: -1, maxFileSize: 0.5, maxFields: '1', dir: '' })) {
      const error = thrownBy(() => new Server({ upload: { [name]: value } }))
      expect(error).to.be.instanceOf(ConfigError)
      expect(error.message).to.include(`"upload.${name}"`)
    }
    expect(thrownBy(() => new Server({ upload: { maxFils: 1 } as object })).message).to.include('"upload.maxFils"')
    expect(thrownBy(() => new Server({ upload: 1 as unknown as object })).message).to.include('"upload"')
    expect(() => new Server({ upload: {} })).to.not.throw()
  })
})
