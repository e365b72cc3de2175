import { once } from 'node:events'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { runProgram } from '../docs/run-program.ts'
import { key, cert } from './key-pair.ts'
import { openReceiver } from './receiver.ts'

/** A program that serves at an entry point with an observer, until it ends by itself. */
const program = (observer: string) => `
  import { Server } from 'tribind'
  const entryPoints = { web: { address: '127.0.0.1:0', observer: ${observer} } }
  const server = new Server({ entryPoints })
  await server.start()
  await server.stop()
  const stopped = performance.now()
  process.on('exit', () => console.log(Math.round(performance.now() - stopped)))
`

describe('a process with observers', function () {
  this.timeout(30_000)

  it('ends with the stop, although connections to receivers are kept', async () => {
    const receiver = await openReceiver()
    const { stdout } = await runProgram(program(JSON.stringify(receiver.url)))
    expect(Number(stdout)).to.be.lessThan(2500)
    expect(receiver.events()).to.have.length(3)
    await receiver.close()
  })

  it('ends with the stop, although a receiver has not responded and a function has not ended', async () => {
    const receiver = await openReceiver(() => {})
    const observers = `[{ url: '${receiver.url}', timeout: 500 }, { report: () => new Promise(() => {}), timeout: 500 }]`
    const { stdout } = await runProgram(program(observers), 'error')
    expect(Number(stdout)).to.be.lessThan(2500)
    await receiver.close()
  })

  it('posts by https', async () => {
    let body = ''
    const server = https.createServer({ key, cert }, async (request, response) => {
      body += Buffer.concat(await request.toArray()).toString()
      response.end()
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    // The certificate of the test is signed by itself.
    const trusting = `process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; process.removeAllListeners('warning')`
    const code = program(`'https://127.0.0.1:${port}/'`).replace('await', `${trusting}\n  await`)
    await runProgram(code)
    expect(body).to.contain('service web is closed')
    server.closeAllConnections()
    server.close()
  })

  it('loads what delivers events only if it has observers', async () => {
    const { stdout } = await runProgram(`
      import { Session } from 'node:inspector'
      import { Server } from 'tribind'
      const session = new Session()
      session.connect()
      const loaded: string[] = []
      session.on('Debugger.scriptParsed', ({ params }) => loaded.push(params.url))
      session.post('Debugger.enable')
      for (const observer of [[], { report: () => true }]) {
        const server = new Server({ entryPoints: { web: { address: '127.0.0.1:0', observer } } })
        await server.start()
        await server.stop()
        console.log(loaded.some((url) => /\\/observers-\\w+\\.js$/.test(url)))
      }
    `)
    expect(stdout).to.equal('false\ntrue\n')
  })
})
