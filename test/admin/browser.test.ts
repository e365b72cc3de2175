import { expect } from 'chai'
import { existsSync } from 'node:fs'
import http from 'node:http'
import { once } from 'node:events'
import { type Browser, chromium, type Page } from 'playwright-core'
import { type AdminWorld, startAdmin, token } from './admin-world.ts'

const CHROMIUM = '/usr/bin/chromium'

/** What a page of another origin tries with `url` and `token`, and what comes of it. */
const attempts: Readonly<Record<string, string>> = {
  'a fetch': `fetch(url + '/api/overview')`,
  'a fetch with the token': `fetch(url + '/api/overview', { headers: { authorization: 'Bearer ' + token } })`,
  'a POST as JSON': `fetch(url + '/api/resume', {
    method: 'POST',
    headers: { authorization: 'Bearer ' + token, 'content-type': 'application/json' },
    body: '{}',
  })`,
  'an event stream': `new Promise((resolve, reject) => {
    const source = new EventSource(url + '/api/events')
    source.onopen = resolve
    source.onerror = reject
  })`,
  'a script': `new Promise((resolve, reject) => {
    const script = document.createElement('script')
    Object.assign(script, { src: url + '/page/main.js', type: 'module', onload: resolve, onerror: reject })
    document.head.append(script)
  })`,
}

const define = existsSync(CHROMIUM) ? describe : process.env['CI'] ? describe : describe.skip

define('the administration, attacked by pages in Chromium', function () {
  this.timeout(120_000)
  let browser: Browser
  let world: AdminWorld
  let port: number
  let seen: string[] = []
  const evil = http.createServer((_, response) => response.setHeader('content-type', 'text/html').end('<h1>evil</h1>'))
  before(async () => {
    world = await startAdmin()
    port = (world.place as { port: number }).port
    evil.listen(0, '127.0.0.1')
    await once(evil, 'listening')
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--host-resolver-rules=MAP *.example 127.0.0.1'],
    })
  })
  after(async () => {
    await browser?.close()
    evil.close()
    await world.stop()
  })

  const open = async (url: string): Promise<Page> => {
    const page = await browser.newPage()
    seen = []
    page.on('response', (response) => void seen.push(`${response.status()} ${response.url()}`))
    await page.goto(url)
    return page
  }
  const evilPort = () => (evil.address() as { port: number }).port

  for (const host of ['127.0.0.1', 'localhost', 'shop.example'])
    it(`refuses what a page at http://${host} of another port tries`, async () => {
      const page = await open(`http://${host}:${evilPort()}/`)
      for (const [what, attempt] of Object.entries(attempts)) {
        const values = `const url = 'http://127.0.0.1:${port}', token = '${token}'`
        const run = `(() => { ${values}; return ${attempt}.then(() => 'read', () => 'refused') })()`
        expect([what, await page.evaluate(run)]).to.deep.equal([what, 'refused'])
      }
      await page.close()
    })

  it('refuses a form of another page, and changes nothing', async () => {
    const page = await open(`http://localhost:${evilPort()}/`)
    for (const [enctype, path] of [
      ['text/plain', '/config/services'],
      ['application/x-www-form-urlencoded', '/api/rollback'],
    ] as const) {
      const fields = JSON.stringify({ action: `http://127.0.0.1:${port}${path}`, method: 'POST', enctype })
      await page.evaluate(`{
        const form = Object.assign(document.createElement('form'), ${fields})
        form.innerHTML = '<input name=\\'{"name":"x","addr":"127.0.0.1:0","a":"\\' value=\\'"}\\'>'
        document.body.append(form)
        form.submit()
      }`)
      await page.waitForURL(`**${path}`)
      expect(JSON.parse((await page.textContent('body')) ?? '')).to.have.property('code', 'ERR_TRIBIND_ADMIN_ORIGIN')
      await page.goBack()
    }
    expect(world.server.entryPoints()).to.have.length(1)
    await page.close()
  })

  it('refuses a name of another site that leads here (DNS rebinding)', async () => {
    const page = await open(`http://evil.example:${port}/`)
    expect(seen[0]).to.match(/^403 /)
    expect(await page.textContent('body')).to.include('ERR_TRIBIND_ADMIN_HOST')
    // By the policy of the answer.
    const read = await page.evaluate(`fetch('/health/live').then((response) => response.status, () => 'refused')`)
    expect(read).to.equal('refused')
    await page.close()
  })

  it('is not shown in a frame, but after a link', async () => {
    const page = await open(`http://localhost:${evilPort()}/`)
    const url = `http://127.0.0.1:${port}/`
    const content = `<iframe src="${url}"></iframe><a href="${url}">the administration</a>`
    await page.evaluate(`document.body.innerHTML = ${JSON.stringify(content)}`)
    await page.click('a')
    await page.waitForURL(`http://127.0.0.1:${port}/`)
    expect(await page.title()).to.match(/tribind/i)
    expect(seen.filter((line) => line.endsWith(`:${port}/`))).to.deep.equal([
      `403 http://127.0.0.1:${port}/`,
      `200 http://127.0.0.1:${port}/`,
    ])
    await page.close()
  })

  it('answers its own page', async () => {
    const page = await open(`http://localhost:${port}/`)
    expect(await page.evaluate(`fetch('api/version').then((response) => response.status)`)).to.equal(401)
    const own = `fetch('api/version', { headers: { authorization: 'Bearer ${token}' } }).then((response) => response.json())`
    expect(await page.evaluate(own)).to.include({ version: world.server.version })
    await page.close()
  })
})
