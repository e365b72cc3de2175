import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:https'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { chromium } from 'playwright-core'
import { autoProxy, httpProxy, socks5Proxy } from 'tribind/forward'
import { cert, key } from '../feature/key-pair.ts'
import { closeAll, openOrigin, openProxy, type ProxyWorld, run } from './proxy-world.ts'

/** Defines a case that needs a program; where it is missing, it isn't defined, but in CI it fails. */
function itWith(program: string, title: string, test: () => Promise<void>): void {
  if (existsSync(`/usr/bin/${program}`)) it(title, test).timeout(120_000)
  else if (process.env.CI) it(`${title} needs ${program}`, () => expect.fail(`${program} is not installed`))
}

const auth = { alice: 'p:ss wörd' }
const userinfo = `alice:${encodeURIComponent('p:ss wörd')}@`

/** By the scheme by which curl speaks to them. */
const proxies = {
  http: () => openProxy(httpProxy({ auth })),
  socks5: () => openProxy(socks5Proxy({ auth })),
  socks5h: () => openProxy(autoProxy({ auth })),
}

/** An origin over TLS. */
async function openSecureOrigin(): Promise<{ port: number; close(): void }> {
  const server = createServer({ key, cert }, (request, response) => response.end(`secure ${request.url}`))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { port: (server.address() as AddressInfo).port, close }
}

describe('through a proxy', () => {
  afterEach(closeAll)

  for (const [scheme, open] of Object.entries(proxies)) {
    itWith('curl', `curl asks by ${scheme}, plainly and over TLS, and for several at once`, async () => {
      const origin = await openOrigin()
      const secure = await openSecureOrigin()
      const { port, stats } = await open()
      const proxy = ['-sS', '--max-time', '30', '--proxy', `${scheme}://${userinfo}127.0.0.1:${port}`]
      const urls = [1, 2, 3].map((i) => `http://localhost:${origin.port}/${i}`)
      expect(await run('curl', ...proxy, ...urls)).to.equal('GET /1GET /2GET /3')
      expect(
        await run('curl', ...proxy, '--cacert', 'test/tls/cert.pem', `https://localhost:${secure.port}/a`),
      ).to.equal('secure /a')
      expect(await run('curl', ...proxy, '-d', 'x'.repeat(100_000), `http://127.0.0.1:${origin.port}/post`)).to.equal(
        'POST /post',
      )
      expect(stats().totalErrs).to.equal(0)
      secure.close()
    })
  }

  itWith('curl', 'curl asks by SOCKS 4 and 4a, and by HTTP over TLS', async () => {
    const origin = await openOrigin()
    const { port } = await openProxy(autoProxy())
    for (const scheme of ['socks4', 'socks4a', 'http'])
      expect(
        await run('curl', '-sS', '--proxy', `${scheme}://127.0.0.1:${port}`, `http://127.0.0.1:${origin.port}/a`),
        scheme,
      ).to.equal('GET /a')
    expect(
      await run(
        'curl',
        '-sS',
        '--proxytunnel',
        '--proxy',
        `http://127.0.0.1:${port}`,
        `http://localhost:${origin.port}/a`,
      ),
    ).to.equal('GET /a')
    const { port: secure } = await openProxy(httpProxy(), { https: { key, cert } })
    const proxy = ['-sS', '--proxy', `https://localhost:${secure}`, '--proxy-cacert', 'test/tls/cert.pem']
    expect(await run('curl', ...proxy, `http://127.0.0.1:${origin.port}/b`)).to.equal('GET /b')
    expect(await run('curl', ...proxy, '--proxytunnel', `http://127.0.0.1:${origin.port}/c`)).to.equal('GET /c')
  })

  itWith('curl', 'curl is told what is wrong', async () => {
    const { port } = await openProxy(autoProxy({ auth, deny: ['localhost'] }))
    const status = (...args: string[]) =>
      run('curl', '-s', '-o', '/dev/null', '-w', '%{http_code} %{http_connect} %{exitcode}', ...args)
    expect(await status('--proxy', `http://127.0.0.1:${port}`, 'http://127.0.0.1:9/')).to.match(/^407 /)
    expect(await status('--proxy', `http://${userinfo}127.0.0.1:${port}`, 'http://localhost/')).to.match(/^403 /)
    expect(await status('--proxy', `http://${userinfo}127.0.0.1:${port}`, 'https://localhost/')).to.match(/^000 403 56/)
    expect(await status('--proxy', `socks5h://${userinfo}127.0.0.1:${port}`, 'http://localhost/')).to.match(
      /^000 000 97/,
    )
    expect(await status('--proxy', `socks5h://eve:x@127.0.0.1:${port}`, 'http://localhost/')).to.match(/^000 000 97/)
    expect(await status('--proxy', `socks4://127.0.0.1:${port}`, 'http://127.0.0.1/')).to.match(/^000 000 97/)
  })

  itWith('git', 'git fetches', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tribind-git-'))
    const source = join(folder, 'source')
    const git = (...args: string[]) => run('git', '-C', source, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args)
    await run('git', 'init', '-q', source)
    await git('commit', '-q', '--allow-empty', '-m', 'made for the test')
    await git('update-server-info')
    const origin = await openOrigin((request, response) => {
      const path = String(request.url).split('?')[0] as string
      readFile(join(source, '.git', path)).then(
        (content) => response.end(content),
        () => response.writeHead(404).end(),
      )
    })
    for (const scheme of ['http', 'socks5h']) {
      const { port, stats } = await openProxy(autoProxy({ auth }))
      const target = join(folder, scheme)
      const proxy = `http.proxy=${scheme}://${userinfo}127.0.0.1:${port}`
      await run('git', '-c', proxy, 'clone', '-q', `http://localhost:${origin.port}/`, target)
      expect(await run('git', '-C', target, 'log', '--format=%s')).to.equal('made for the test\n')
      expect(stats().totalRequests).to.be.greaterThan(0)
    }
    await rm(folder, { recursive: true })
  })

  itWith('chromium', 'Chromium loads a page, by HTTP with a password, over TLS, and by SOCKS', async () => {
    const origin = await openOrigin((request, response) => {
      response.setHeader('Content-Type', 'text/html')
      response.end(
        request.url === '/' ? '<title>plain</title><script src="/a.js"></script>' : 'document.title += " and script"',
      )
    })
    const secure = await openSecureOrigin()
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--proxy-bypass-list=<-loopback>',
      ],
      timeout: 60_000,
    })
    const visit = async ({ port }: ProxyWorld, scheme: string, credentials = {}) => {
      const context = await browser.newContext({
        ignoreHTTPSErrors: true,
        proxy: { server: `${scheme}://127.0.0.1:${port}`, bypass: '<-loopback>', ...credentials },
      })
      const page = await context.newPage()
      await page.goto(`http://localhost:${origin.port}/`)
      await page.waitForFunction('document.title === "plain and script"')
      await page.goto(`https://localhost:${secure.port}/b`)
      expect(await page.textContent('body')).to.equal('secure /b')
      await context.close()
    }
    const guarded = await openProxy(httpProxy({ auth: { alice: 'secret' } }))
    await visit(guarded, 'http', { username: 'alice', password: 'secret' })
    const socks = await openProxy(socks5Proxy())
    await visit(socks, 'socks5')
    const auto = await openProxy(autoProxy())
    await visit(auto, 'socks5')
    await visit(auto, 'http')
    await browser.close()
    secure.close()
    for (const { stats } of [guarded, socks, auto]) expect(stats().totalRequests).to.be.greaterThan(1)
  })
})
