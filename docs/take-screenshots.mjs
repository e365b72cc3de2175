// Takes the screenshots of docs/administration.md:
//
//   node --import tsx --conditions=source docs/take-screenshots.mjs [folder]
//
// into docs/ by default. It needs Chromium.
import { createServer } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { Server } from 'tribind'
import { memoryProvider } from 'tribind/providers'

const token = 'a-token-for-the-screenshots'
const folder = process.argv[2] ?? fileURLToPath(new URL('.', import.meta.url))

const shop = memoryProvider('shop')
const logger = { debug() {}, info: find, warn() {}, error: console.error }
let administration = ''

/** Notes where the administration listens: its port is chosen by the system. */
function find(message) {
  administration = /^Administration is listening on (.+)$/.exec(message)?.[1] ?? administration
}

function configure(nodes, routes = {}) {
  const limited = { rateLimit: { average: 100, period: '1s', burst: 50 } }
  const guarded = { basicAuth: { users: { alice: 'plain:in wonderland' } } }
  return shop.set({
    routes: {
      cart: { pattern: 'GET:/cart/*path', service: 'carts', middlewares: ['guarded', 'limited'] },
      ...routes,
    },
    services: { carts: { forward: { nodes: nodes.map((addr) => ({ addr })) } } },
    middlewares: { limited, guarded },
  })
}

async function listen(respond) {
  const server = createServer(respond).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() }
}

const node = await listen((_, response) => response.end('cart'))
const gone = await listen(() => {})
gone.close()

const server = new Server({
  name: 'shop',
  logger,
  entryPoints: {
    web: { address: '127.0.0.1:0', enableStats: true, labels: { team: 'shop', zone: 'eu-1' } },
    intern: { address: '127.0.0.1:0', enableStats: true },
  },
  configuration: { providers: [shop], throttle: 0 },
  admin: { address: '127.0.0.1:0', token },
})
server.bindHandler('GET:/about', () => 'We sell books.')
server.bindHandler('/*', () => 'Something else')
await server.start()
await configure([node.url])
await configure([node.url, gone.url], { help: { pattern: '/help', service: { text: 'Ask us.' } } })
await configure([node.url, gone.url], { help: { pattern: '/help', service: 'hepl' } })

const headers = { authorization: `Basic ${Buffer.from('alice:in wonderland').toString('base64')}` }
let count = 0
const load = setInterval(() => {
  const [web] = server.addresses
  for (let i = 0; i < 3 + 3 * Math.sin(count / 3); i++)
    fetch(`http://${web}/cart/1`, { headers }).then((response) => response.text(), console.error)
  count++
}, 100)

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
const phone = { width: 360, height: 720 }
const desk = { width: 1000, height: 860 }
await take('light', { view: 'routes', options: { colorScheme: 'light', viewport: desk }, act: openCart })
await take('dark', { view: 'entry-points', options: { colorScheme: 'dark', viewport: desk }, act: waitForRates })
await take('phone', { view: 'history', options: { colorScheme: 'light', viewport: phone }, act: openDifferences })
await browser.close()
clearInterval(load)
await server.stop()
node.close()

async function take(name, { view, options, act }) {
  const page = await browser.newPage(options)
  await page.goto(`${administration}#/${view}`)
  await page.getByLabel('Token').fill(token)
  await page.keyboard.press('Enter')
  await page.locator(`[data-key="view ${view}"]`).waitFor()
  await act(page)
  await page.locator('h1').blur()
  await page.screenshot({ path: join(folder, `administration-${name}.png`) })
  await page.close()
}

async function openCart(page) {
  await page.getByText('cart@shop').click()
  await page.getByText('connect ECONNREFUSED').first().waitFor()
}

async function waitForRates(page) {
  await page.waitForTimeout(40_000)
}

async function openDifferences(page) {
  await page.getByText('Differences from version').first().click()
}
