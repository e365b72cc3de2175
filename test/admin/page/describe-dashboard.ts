import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { memoryProvider, type MemoryProvider } from 'tribind/providers'
import { type AdminWorld, startAdmin, token } from '../admin-world.ts'
import { describeBrowser } from '../../browser/pages.ts'

/** Below one, so that all addresses in the page must be relative. */
const PREFIX = '/ops'

/** A server with a dashboard, and pages that show it. */
export interface Dashboard {
  readonly admin: AdminWorld
  readonly shop: MemoryProvider
  /** Where the dashboard is. */
  readonly url: string
  /** A node that answers `from the node`. */
  readonly node: string
  /** Opens the dashboard, and asks for no token yet. */
  readonly open: (view?: string, options?: BrowserContextOptions) => Promise<Page>
  /** Opens the dashboard with the token. */
  readonly enter: (view?: string, options?: BrowserContextOptions) => Promise<Page>
}

/** A `describe` around a dashboard in Chromium. After each test, no page has had a fault or asked another host for anything. */
export function describeDashboard(title: string, define: (dashboard: () => Dashboard) => void): void {
  describeBrowser(title, (browser) => {
    const faults: string[] = []
    let dashboard: Dashboard
    let stop = async () => {}
    beforeEach(async () => {
      ;({ dashboard, stop } = await start(browser(), faults))
    })
    afterEach(async () => {
      await stop()
      expect(faults.splice(0)).to.deep.equal([])
    })
    define(() => dashboard)
  })
}

async function start(browser: Browser, faults: string[]): Promise<{ dashboard: Dashboard; stop: () => Promise<void> }> {
  const upstream = createServer((_, response) => response.end('from the node'))
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const shop = memoryProvider('shop')
  const admin = await startAdmin(
    (server) => {
      server.bindHandler('GET:/hello', () => 'Hello')
      server.bindHandler('/*', function everythingElse() {
        return 'Something else'
      })
      server.use(function guard(_, next) {
        return next()
      })
    },
    {
      entryPoints: { web: { address: '127.0.0.1:0', enableStats: true, labels: { '<b>team</b>': '<img src=x>' } } },
      configuration: { providers: [shop], throttle: 0 },
      admin: { pathPrefix: PREFIX },
    },
  )
  const url = `http://127.0.0.1:${(admin.place as { port: number }).port}${PREFIX}/`
  const pages: Page[] = []
  const open = async (view = '', options: BrowserContextOptions = {}) => {
    const page = await browser.newPage(options)
    pages.push(page)
    await note(page, url, faults)
    await page.goto(`${url}#/${view}`)
    return page
  }
  const enter = async (view?: string, options?: BrowserContextOptions) => {
    const page = await open(view, options)
    await page.getByLabel('Token').fill(token)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('navigation', { name: 'Views' }).waitFor()
    return page
  }
  const node = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
  const stop = async () => {
    await Promise.all(pages.map((page) => page.close()))
    await admin.stop()
    upstream.closeAllConnections()
    upstream.close()
  }
  return { dashboard: { admin, shop, url, node, open, enter }, stop }
}

/** Notes errors, violations of the policy, and requests to other places. */
async function note(page: Page, url: string, faults: string[]): Promise<void> {
  page.on('pageerror', (error) => faults.push(String(error.stack)))
  page.on('console', (message) => {
    // Answers of the API such as 401 are told by the page.
    const isAnswer = message.text().startsWith('Failed to load resource') && message.location().url.startsWith(url)
    if (['error', 'warning'].includes(message.type()) && !isAnswer) faults.push(message.text())
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) faults.push(`asked for ${request.url()}`)
  })
  // The console tells of most, but not of all.
  const tell = '({ violatedDirective, blockedURI }) => console.error(`violates ${violatedDirective}: ${blockedURI}`)'
  await page.addInitScript(`addEventListener('securitypolicyviolation', ${tell})`)
}
