import { expect } from 'chai'
import { ConfigError, Controller, Server, type ServerOptions, StateError } from 'tribind'
import { type Config, loadConfig, serverSchema } from 'tribind/config'
import { createTestServer } from 'tribind/testing'
import { serverOptions } from '../../../lib/server/options.ts'
import { thrownBy } from '../../feature/both-ways.ts'
import { temporaryFolder } from '../../feature/temporary-folder.ts'
import { issuesOf, loadFiles, loadValues } from '../../config/config-world.ts'

const load = (values: object) => loadConfig({ schema: { server: serverSchema }, env: {}, values: { server: values } })
const problemsOf = async (values: object) =>
  (await issuesOf(load(values))).map(({ path, message }) => `${path.replace('server.', '')} ${message}`)

describe('the option config of a server', () => {
  it('is server.config, for handlers and controllers too', async () => {
    const config = await loadValues({ name: 'shop' })
    class Page extends Controller {
      show() {
        return this.server.config.get('name')
      }
    }
    const server = new Server({ config })
    server.get('/name', (request) => request.server.config.get('name'))
    server.bindController('/page', Page)
    expect(server.config).to.equal(config)
    expect((await server.inject('/name')).text()).to.equal('shop')
    expect((await server.inject('/page/show')).text()).to.equal('shop')
  })

  it('is taken by createTestServer', async () => {
    const config = await loadValues({ name: 'shop' })
    await using test = await createTestServer((server) => server.get('/', () => server.config.get('name')), { config })
    expect((await test.client().get('/')).text()).to.equal('shop')
  })

  it('is a StateError where it is not set', () => {
    const error = thrownBy(() => new Server({ name: 'api' }).config) as StateError
    expect(error).to.be.instanceOf(StateError)
    expect(error.failure).to.equal('ERR_TRIBIND_CONFIG_ABSENT')
    expect(error.message).to.include('server "api" has no configuration').and.include('loadConfig')
  })

  it('is a ConfigError for anything else', () => {
    for (const config of [{}, { get: 5 }, 'config.yaml', null])
      expect(thrownBy(() => new Server({ config } as unknown as ServerOptions))).to.be.instanceOf(ConfigError)
  })
})

describe('serverSchema', () => {
  it('makes a server of a file', async () => {
    const folder = temporaryFolder({ 'views/page.eta': 'hello <%= it.name %>' })
    const text = `server:
  port: \${PORT:-0}
  name: api
  stopTimeout: \${STOP:-2s}
  http2: \${HTTP2:-false}
  cookieSecret: [a, "\${SECRET}"]
  view: { root: ${folder}/views }
  session: { secret: "\${SECRET}", cookie: { maxAge: 5000 } }
  upload: { maxFiles: "\${FILES}" }
  inflate: false
  observers: { log: 'http://127.0.0.1:1/' }
  trustProxy: [loopback, 10.0.0.0/8]
  accessLog: false
`
    const env = { SECRET: 'hunter2', FILES: '7' }
    const config = (await loadFiles({ 'config.yaml': text }, { schema: { server: serverSchema }, env })) as Config<{
      server: ServerOptions
    }>
    const server = new Server({ config, ...config.get('server') })
    expect(server.name).to.equal('api')
    server.get('/', ({ view }) => view.display('page', { name: 'you' }))
    await server.start()
    expect((await server.inject('/')).text()).to.equal('hello you')
    await server.stop()
    expect(config.get('server.upload')).to.include({ maxFiles: 7, maxFields: 1000 })
    expect(config.get('server.session')).to.deep.include({ secret: 'hunter2', name: 'connect.sid' })
    expect(config.get('server')).to.include({ inflate: false, stopTimeout: '2s', http2: false, maxHeadersCount: 1000 })
  })

  it('makes a server of nothing, with the defaults of the table', async () => {
    const config = await loadConfig({ schema: { server: serverSchema } })
    const settings: Record<string, unknown> = { ...config.get('server') }
    for (const { name, default: value } of serverOptions.rows().filter(({ name }) => !name.includes('.')))
      if (typeof value !== 'object' && value !== undefined) expect(settings[name], name).to.equal(value)
    expect(config.describe().every(({ source }) => source === 'default')).to.equal(true)
    expect(new Server(config.get('server')).name).to.equal('default')
  })

  it('makes entry points, with what is theirs', async () => {
    const entryPoints = {
      web: '127.0.0.1:0',
      ops: { address: '127.0.0.1:0', enableStats: true, keepAliveTimeout: '1m', preUp: 'true' },
    }
    const config = await load({ entryPoints })
    const server = new Server({ config, ...config.get('server') })
    await server.start()
    expect(server.entryPoints().map(({ name }) => name)).to.deep.equal(['web', 'ops'])
    await server.stop()
    expect(config.get('server.entryPoints')).to.deep.equal(entryPoints)
  })

  it('keeps what only code can set, where code sets it', async () => {
    const lines: string[] = []
    const write = (message: string) => void lines.push(message)
    const logger = { debug: write, info: write, warn: write, error: write }
    const config = await load({ logger, session: { secret: 'x', genid: () => 'my-id' } })
    const server = new Server({ config, ...config.get('server') })
    server.logger.warn('told')
    expect(lines).to.deep.equal(['told'])
  })

  it('names every mistake at once, in the words of the server', async () => {
    expect(
      await problemsOf({
        prot: 80,
        host: 'a',
        port: 'x',
        stopTimeout: '10x',
        https: {},
        session: { secret: '', cookie: { path: 'x', sameSite: 'maybe' } },
        upload: { maxFile: 1 },
        logger: 'stderr',
        entryPoints: { web: { adress: ':80', observer: 5 }, ops: 5 },
        observers: { one: { url: 'ftp://a', period: '1ms' } },
      }),
    ).to.have.deep.members([
      'prot is not a known key, did you mean "server.port"?',
      'host is not a known option: write it in "address", such as "127.0.0.1:8080"',
      'port must be an integer from 0 to 65535, got "x"',
      'stopTimeout must be a time from 0 ms, as milliseconds or a text such as "500ms", "10s", "2m" or "1h", got "10x"',
      'https.key is required: a PEM by its content, as text or Buffer, or the path of a file',
      'https.cert is required: a PEM by its content, as text or Buffer, or the path of a file',
      'session.secret must be a non-empty string that cannot be guessed, or an array of such',
      'session.cookie.path must be a path that starts with "/", got "x"',
      'session.cookie.sameSite must be one of true, false, lax, strict, none, auto, got "maybe"',
      'upload.maxFile is not a known key, did you mean "server.upload.maxFiles"?',
      'logger must be an object with the functions debug, info, warn and error, got "stderr"',
      'entryPoints.web.adress is not a known key, did you mean "server.entryPoints.web.address"?',
      'entryPoints.web.address is required: a non-empty string',
      'entryPoints.web.observer must be a URL that begins with http:// or https://, an object with url or report, a name from option "observers", or an array of these',
      'entryPoints.ops must be an address or an object of options, got 5',
      'observers.one.url must be a URL that begins with http:// or https://',
      'observers.one.period must be a time from 1000 ms, as milliseconds or a text such as "10s", "2m" or "1h", got "1ms"',
    ])
  })

  it('finds what a server would find', async () => {
    expect(await problemsOf({ http2: true })).to.deep.equal([
      'http2 needs option "https": clients speak HTTP/2 over TLS only',
    ])
    expect(await problemsOf({ trustProxy: 'nearby' })).to.have.length(1)
    expect(await problemsOf({ address: 'x:y:z' })).to.have.length(1)
    expect(
      await problemsOf({ entryPoints: { a: { address: ':0', observer: 'nope' }, b: { address: ':0', http2: true } } }),
    ).to.deep.equal([
      'entryPoints.a.observer there is no observer "nope" in option "observers"; there are: none',
      'entryPoints.b.http2 needs option "entryPoints.b.https": clients speak HTTP/2 over TLS only',
    ])
  })

  it('never shows a value of the environment', async () => {
    const values = { server: { port: '${P}', stopTimeout: '${P}', nameToUri: '${P}', trustProxy: '${P}' } }
    const issues = await issuesOf(loadConfig({ schema: { server: serverSchema }, env: { P: 'hunter2' }, values }))
    expect(issues.map(({ path }) => path)).to.have.members([
      'server.port',
      'server.stopTimeout',
      'server.nameToUri',
      'server.trustProxy',
    ])
    expect(JSON.stringify(issues)).to.not.include('hunter2')
    for (const { message } of issues) expect(message).to.match(/^must .* \(from the environment variable P\)$/)
  })

  it('is a JSON Schema too, for editors', () => {
    const { jsonSchema } = serverSchema['~standard']
    const schema = jsonSchema.input({ target: 'draft-2020-12' }) as {
      properties: Record<string, Record<string, unknown>>
    }
    const names = serverOptions.rows().flatMap(({ name }) => (name.includes('.') ? [] : [name]))
    expect(names.filter((name) => !(name in schema.properties))).to.have.members([
      'config',
      'logger',
      'database',
      'languages',
      'detectLanguage',
      'baseContext',
    ])
    expect(schema).to.deep.include({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
    })
    const { port, http2, nameToUri, upload, https } = schema.properties
    expect(port).to.deep.equal({
      type: 'integer',
      minimum: 0,
      maximum: 65_535,
      description: 'an integer from 0 to 65535',
    })
    expect(http2).to.deep.equal({ type: 'boolean', description: 'true or false', default: false })
    expect(nameToUri?.['enum']).to.include('kebab')
    expect(upload).to.have.nested.property('properties.maxFiles.default', 20)
    expect(https?.['required']).to.deep.equal(['key', 'cert'])
    expect(jsonSchema.output({ target: 'draft-07' })).to.deep.include({
      $schema: 'http://json-schema.org/draft-07/schema#',
    })
    expect(() => jsonSchema.input({ target: 'openapi-3.0' })).to.throw(TypeError)
    expect(JSON.parse(JSON.stringify(schema))).to.deep.equal(schema)
  })

  it('refuses anything but an object', async () => {
    for (const [server, got] of [
      [5, 'a number'],
      [null, 'null'],
      [[], 'an array'],
    ] as const) {
      const [issue] = await issuesOf(loadConfig({ schema: { server: serverSchema }, values: { server } }))
      expect(issue).to.include({ path: 'server', message: `must be an object, got ${got}` })
    }
  })
})
