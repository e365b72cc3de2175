import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { folder, issuesOf, read, said, write, wrongWith } from './read.ts'

const yaml = `
services:
  - name: web
    addr: 127.0.0.1:8080
    handler: { type: auto, chain: out, auth: { username: u, password: p } }
    observer: watcher
    metadata: { enableStats: "true", observer.period: 10s, preUp: [echo one, echo two] }
chains: [{ name: out, hops: [near, { name: near }, { nodes: [{ addr: ":8000", weight: "2" }] }] }]
hops: [{ name: near, interface: 127.0.0.1, retries: "1", nodes: [{ addr: "a:1080", connector: { type: socks5 } }] }]
observers: [{ name: watcher, plugin: { type: http, addr: "http://127.0.0.1:9/x", token: t0 } }]
`
const toml = `
[[services]]
name = "web"
addr = "127.0.0.1:8080"
handler = { type = "auto", chain = "out", auth = { username = "u", password = "p" } }
observer = "watcher"
[services.metadata]
enableStats = true
observer.period = 10000
preUp = ["echo one", "echo two"]

[[chains]]
name = "out"
hops = ["near", { name = "near" }, { nodes = [{ addr = ":8000", weight = 2 }] }]

[[hops]]
name = "near"
interface = "127.0.0.1"
retries = 1
nodes = [{ addr = "a:1080", connector = { type = "socks5" } }]

[[observers]]
name = "watcher"
plugin = { addr = "http://127.0.0.1:9/x", token = "t0" }
`

const service = (more: object = {}) => ({ addr: '127.0.0.1:0', handler: { type: 'http' }, ...more })

describe('a services file', () => {
  it('says the same in YAML, TOML and JSON, by name and by content', async () => {
    const { model } = await read({ files: [write('a.yaml', yaml)] })
    const json = JSON.stringify(said(model))
    for (const name of ['b.toml', 'b.conf']) {
      const { model: other } = await read({ files: [write(name, toml)] })
      expect(said(other), name).to.deep.equal(said(model))
    }
    for (const text of [json, yaml, toml]) {
      const { model: other } = await read({ files: ['-'] }, text)
      expect(said(other)).to.deep.equal(said(model))
    }
  })

  it('has defaults, names, numbers and truth values where it says nothing, or says them as texts', async () => {
    const { model } = await read({ files: [write('a.yaml', yaml)] })
    const [web] = model.services
    expect(web?.metadata).to.deep.equal({
      enableStats: true,
      'observer.period': 10_000,
      preUp: ['echo one', 'echo two'],
      ignoreChain: false,
    })
    const [out] = model.chains
    expect(out?.hops.slice(0, 2)).to.deep.equal([{ name: 'near' }, { name: 'near' }])
    expect(out?.hops[2]).to.deep.include({ name: 'hop-2' })
    expect(out?.hops[2]?.nodes?.[0]).to.deep.include({ name: 'node-0', weight: 2, backup: false })
    expect(model.hops[0]).to.deep.include({
      retries: 1,
      selector: { strategy: 'round', maxFails: 1, failTimeout: 10_000, key: 'ip' },
    })
    expect(web?.origin).to.deep.equal({ source: join(folder, 'a.yaml'), path: 'services.0', line: 3 })
  })

  it('names services that have no name by their place, without a name that is taken', async () => {
    const { model } = await read({
      files: [write('n.json', { services: [service({ name: 'service-1' }), service(), service()] })],
    })
    expect(model.services.map(({ name }) => name)).to.deep.equal(['service-1', 'service-2', 'service-3'])
  })

  it('is joined with others', async () => {
    const files = [
      write('one.json', { services: [service({ name: 'a' })] }),
      write('two.json', { services: [service({ name: 'b' })] }),
    ]
    const { model } = await read({ files, listen: ['socks5://127.0.0.1:0'] })
    expect(model.services.map(({ name }) => name)).to.deep.equal(['a', 'b', 'service-2'])
    const twice = await issuesOf({ files: [files[0] as string, files[0] as string] })
    expect(twice).to.have.length(1)
    expect(twice[0]?.message).to.match(/^stands twice: "a" is also in .*one\.json:1 \("services\.0\.name"\)$/)
  })

  it('has paths that are relative to it', async () => {
    mkdirSync(join(folder, 'below'), { recursive: true })
    write('below/app.mjs', 'export function register() {}')
    const document = { services: [service({ handler: { type: 'app', metadata: { module: 'app.mjs' } } })] }
    const { model } = await read({ files: [write('below/app.json', document)] })
    expect(model.services[0]?.handler.metadata.module).to.equal(join(folder, 'below/app.mjs'))
  })

  it('names a file, line, path and nearest name for each mistake, and all at once', async () => {
    const file = write(
      'wrong.yaml',
      `services:
  - nmae: web
    addr: 127.0.0.1:99999
    handler: { type: htp, chian: x }
  - name: a
    addr: 127.0.0.1:80
    handler: { type: http, chain: otu, auth: { username: u, password: 7 } }
    observer: nobody
  - name: a
    addr: :80
    metadata: { observer.perid: 3, enableStats: maybe }
chains: [{ name: out, hops: [nowhere, { nodes: [{ addr: x }] }] }]
observrs: []
`,
    )
    const issues = await issuesOf({ files: [file] })
    expect(issues.map(({ source }) => source)).to.deep.equal(issues.map(() => file))
    const found = issues.map(({ line, path, message }) => `${line} ${path} ${message}`)
    for (const [i, expected] of [
      /^2 services\.0\.nmae is not known, did you mean "name"\?/,
      /^3 services\.0\.addr must be host:port, .*, got "127\.0\.0\.1:99999"$/,
      /^4 services\.0\.handler\.chian is not known, did you mean "handler\.chain"\?/,
      /^4 services\.0\.handler\.type must be one of app, http, .*, got "htp"$/,
      /^7 services\.1\.handler\.auth\.password must be a text of 1 to 255 bytes without control characters$/,
      /^7 services\.1\.handler\.chain names "otu", but none of the chains has that name, did you mean "out"\?$/,
      /^8 services\.1\.observer names "nobody", but none of the observers has that name: there are none$/,
      /^9 services\.2\.name stands twice: "a" is also in .*wrong\.yaml:5/,
      /^10 services\.2\.addr is used twice: ":80" is also in .*wrong\.yaml:6/,
      /^11 services\.2\.metadata\.observer\.perid is not known, did you mean "metadata\.observer\.period"\?/,
      /^11 services\.2\.metadata\.enableStats must be true or false, got "maybe"$/,
      /^12 chains\.0\.hops\.1\.nodes\.0\.addr must be host:port, .*, got "x"$/,
      /^12 chains\.0\.hops\.0 names "nowhere", but none of the hops has that name: there are none$/,
      /^13 observrs is not a known key, did you mean "observers"\?$/,
    ].entries())
      expect(found[i]).to.match(expected)
    expect(found).to.have.length(14)
  })

  it('is refused where it says nothing, has no services, or cannot be read', async () => {
    const messages = async (file: string, input = '') =>
      (await issuesOf({ files: [file] }, input)).map(({ message }) => message)
    expect(await messages('-')).to.deep.equal(['says nothing: it must have services'])
    expect(await messages('-', '{}')).to.deep.equal(['says nothing: it must have services'])
    expect(await messages(write('empty.yaml', '# nothing\n'))).to.deep.equal(['says nothing: it must have services'])
    expect(await messages('-', 'services:\n')).to.deep.equal(['says nothing: it must have services'])
    expect(await messages('-', '{"hops":[{"name":"h","nodes":[{"addr":"a:1"}]}]}')).to.deep.equal([
      'has no services, and no api by which some could be opened',
    ])
    expect(await messages(join(folder, 'none.yaml'))).to.deep.equal(['does not exist'])
    expect(await messages('-', '{"services": [}')).to.deep.equal(['expected a value, got "}"'])
    expect(await messages('-', '{"services": {}}')).to.deep.equal(['must be a list of services, got an object'])
    expect(await messages('-', 'services: []\n---\nservices: []\n')).to.deep.equal([
      'a second document begins here: a file has one, so join them, or write the second to a file of its own',
    ])
    expect(await messages('-', '7')).to.deep.equal(['must be an object, got a single value'])
  })

  it('may have an api alone, whose token is written in one of three ways', async () => {
    const token = '0123456789abcdef'
    for (const auth of [token, { token }, { username: 'admin', password: token }]) {
      const { model } = await read({ files: ['-'] }, JSON.stringify({ api: { addr: '127.0.0.1:0', auth } }))
      expect(said(model)).to.deep.include({
        api: { addr: '127.0.0.1:0', auth: { token }, pathPrefix: '', dashboard: true },
      })
    }
    const short = await wrongWith({ api: { addr: '127.0.0.1:0' } })
    expect(short[0]).to.match(/^api\.auth: is required where the administration listens at/)
    expect(await wrongWith({ api: { addr: ':80', auth: token } })).to.match(/must be a loopback address/)
  })

  it('may have no field without an effect, and all that a handler needs', async () => {
    const of = async (more: object) =>
      (await wrongWith({ services: [service(more)] })).map((one) => one.replace('services.0.', ''))
    expect(await of({ handler: { type: 'app' } })).to.deep.equal([
      'handler.metadata.module: is required for the type "app" of the handler: the path of a module',
    ])
    expect(await of({ handler: { type: 'app', metadata: { module: '/none.js' } } })).to.deep.equal([
      'handler.metadata.module: is no file: /none.js',
    ])
    expect(await of({ handler: { type: 'tcp' } })).to.deep.equal([
      'forwarder: is required for the type "tcp" of the handler: an object with nodes',
    ])
    expect(await of({ forwarder: { nodes: [{ addr: 'a:1' }] } })).to.deep.equal([
      'forwarder: has no effect: the type of the handler is "http", and only tcp and forward take it',
    ])
    const probed = { nodes: [{ addr: 'a:1', host: 'b' }], probe: {} }
    expect(await of({ handler: { type: 'tcp' }, forwarder: probed })).to.deep.equal([
      'forwarder.probe: has no effect: the type of the handler is "tcp", and only forward takes it',
      'forwarder.nodes.0.host: has no effect: the type of the handler is "tcp", and only forward takes it',
    ])
    expect(await of({ handler: { type: 'forward' }, forwarder: { nodes: [{ addr: 'ftp://a' }] } })).to.match(
      /^forwarder\.nodes\.0\.addr: must be a URL that begins with http/,
    )
    expect(await of({ listener: { type: 'tcp', tls: { certFile: 'a', keyFile: 'b' } } })).to.match(
      /^listener\.tls: has no effect/,
    )
    expect(await of({ listener: { type: 'tls' } })).to.have.length(2)
    const { warnings } = await read({
      files: [write('idle.json', { services: [{ addr: ':1', metadata: { 'observer.period': '5s' } }] })],
    })
    expect(warnings.join()).to.match(
      /"services\.0\.metadata\.observer\.period" has no effect: the service has no observer/,
    )
  })

  it('may have no certificate that cannot be read, or is not that of the key', async () => {
    const tls = (name: string) => new URL(`../../tls/${name}`, import.meta.url).pathname
    const of = (certFile: string, keyFile: string) =>
      wrongWith({ services: [service({ listener: { type: 'tls', tls: { certFile, keyFile } } })] })
    expect(await of(tls('cert.pem'), tls('key.pem'))).to.deep.equal([])
    expect(await of(tls('cert.pem'), '/none.pem')).to.match(
      /^services\.0\.listener\.tls\.keyFile: can't be read: ENOENT/,
    )
    expect(await of(tls('cert.pem'), write('not.pem', 'not a key'))).to.match(
      /^services\.0\.listener\.tls: has a certificate or a key that can't be used/,
    )
  })

  it('may not have "***" for a secret', async () => {
    expect(
      await wrongWith({ services: [service({ handler: { auth: { username: 'u', password: '***' } } })] }),
    ).to.match(/^services\.0\.handler\.auth\.password: has "\*\*\*"/)
  })

  it('tells addresses that are used twice from those that are not', async () => {
    const of = async (...addresses: string[]) =>
      (await wrongWith({ services: addresses.map((addr) => service({ addr })) })).length
    expect(await of('127.0.0.1:0', '127.0.0.1:0')).to.equal(0)
    expect(await of('127.0.0.1:80', '127.0.0.2:80', '[::1]:80')).to.equal(0)
    expect(await of('127.0.0.1:80', 'localhost:80')).to.equal(1)
    expect(await of(':80', '127.0.0.1:80')).to.equal(1)
    expect(await of('127.0.0.1:81,127.0.0.1:82', '127.0.0.1:82')).to.equal(1)
    expect(await of('unix:/tmp/a', 'unix:/tmp/a')).to.equal(1)
  })

  it('warns of a proxy that other machines may use, and of a chain that is not used', async () => {
    const open = await read({ files: ['-'] }, JSON.stringify({ services: [service({ addr: ':0' })] }))
    expect(open.warnings).to.match(/^standard input:1: .*"service-0" listens on 127\.0\.0\.1:0, for this machine alone/)
    const refused = await wrongWith({ services: [service({ addr: '0.0.0.0:0' })] })
    expect([refused].flat().join('\n')).to.match(
      /services\.0\.addr: would open a proxy that any client may use to other machines, at 0\.0\.0\.0:0/,
    )
    const meant = { services: [service({ addr: '0.0.0.0:0', metadata: { open: true } })] }
    expect((await read({ files: ['-'] }, JSON.stringify(meant))).warnings).to.deep.equal([])
    const { model, warnings } = await read(
      { files: ['-'] },
      JSON.stringify({
        services: [service({ handler: { type: 'http', chain: 'c' }, metadata: { ignoreChain: true } })],
        chains: [{ name: 'c', hops: [{ nodes: [{ addr: 'a:1' }] }] }],
      }),
    )
    expect(model.services[0]?.handler).to.not.have.property('chain')
    expect(warnings).to.match(/"ignoreChain" is true: the chain "c" isn't used/)
  })
})
