import { existsSync } from 'node:fs'
import { expect } from 'chai'
import { type Browser, chromium, type Page } from 'playwright-core'
import type { Server } from 'tribind'

const CHROMIUM = '/usr/bin/chromium'
// --headless is Playwright's own default.
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const TIMEOUT_MS = 120_000

/** Opens a path of the server in a page of its own. */
export type Open = (path: string) => Promise<Page>

/** A `describe` around a server and a Chromium. Where there is none, it isn't defined, but in CI it fails. */
export function describePages(title: string, build: () => Server, define: (open: Open) => void): void {
  describeBrowser(title, (browser) => {
    let server: Server
    before(async () => {
      server = build()
      server.setPort(0)
      await server.start()
    })
    after(() => server.stop())
    define(async (path) => {
      const page = await browser().newPage({ baseURL: `http://127.0.0.1:${server.port}` })
      page.setDefaultTimeout(TIMEOUT_MS)
      await page.goto(path)
      return page
    })
  })
}

/** A `describe` around a Chromium. Where there is none, it isn't defined, but in CI it fails. */
export function describeBrowser(title: string, define: (browser: () => Browser) => void): void {
  if (existsSync(CHROMIUM)) describe(title, () => defineBrowser(define))
  else if (process.env.CI) it(`${title} needs ${CHROMIUM}`, () => expect.fail(`${CHROMIUM} is not installed`))
}

function defineBrowser(define: (browser: () => Browser) => void): void {
  let browser: Browser | undefined
  before(async function () {
    this.timeout(TIMEOUT_MS)
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS, timeout: TIMEOUT_MS })
  })
  after(async function () {
    this.timeout(TIMEOUT_MS)
    await browser?.close()
  })
  describe('in Chromium', function () {
    this.timeout(TIMEOUT_MS)
    define(() => {
      if (browser === undefined) throw new Error('the browser is not running')
      return browser
    })
  })
}
