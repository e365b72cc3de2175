import axe from 'axe-core'
import { expect } from 'chai'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { token } from '../admin-world.ts'
import { type Dashboard, describeDashboard } from './describe-dashboard.ts'

const views = ['entry-points', 'routes', 'match?path=/hello', 'providers', 'document', 'history', 'layers', 'observers']

const phone = { width: 320, height: 640 }
const looks: Readonly<Record<string, BrowserContextOptions>> = {
  'in light': { colorScheme: 'light' },
  'in dark': { colorScheme: 'dark' },
  'on a phone': { colorScheme: 'light', viewport: phone, hasTouch: true },
  'on a phone in dark, without motion': { colorScheme: 'dark', reducedMotion: 'reduce', viewport: phone },
}

describeDashboard('the dashboard', (dashboard) => {
  for (const [look, options] of Object.entries(looks))
    it(`is accessible and fits the window ${look}`, async () => {
      await fill(dashboard())
      const page = await dashboard().open('', options)
      await page.getByLabel('Token').waitFor()
      const found = [...(await findFaults(page, 'sign in'))]
      await page.getByLabel('Token').fill(token)
      await page.keyboard.press('Enter')
      for (const view of views) {
        await show(page, view)
        found.push(...(await findFaults(page, view)))
      }
      await page.getByRole('link', { name: 'History' }).click()
      await page.getByRole('button', { name: 'Go back to this version' }).first().click()
      found.push(...(await findFaults(page, 'a question')))
      expect(found).to.deep.equal([])
    })

  it('is used by keyboard alone', async () => {
    const { admin, enter } = dashboard()
    const page = await enter('layers')
    await page.getByRole('heading', { name: 'Layers' }).waitFor()
    expect(await focused(page)).to.equal('Layers')
    await press(page, 'Shift+Tab', 'Observers')
    await press(page, 'Shift+Tab', 'Layers')
    for (const name of ['History', 'Document', 'Providers', 'Match', 'Routes']) await press(page, 'Shift+Tab', name)
    await press(page, 'Shift+Tab', 'Entry points')
    expect(await page.evaluate('getComputedStyle(document.activeElement).outline')).to.match(/solid [1-9]/)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Entry points', level: 1 }).waitFor()
    await page.waitForFunction("document.activeElement?.tagName === 'H1'")
    await press(page, 'Tab', 'Open an entry point')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.type('more')
    await page.keyboard.press('Tab')
    await page.keyboard.type('127.0.0.1:0')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'more ready' }).waitFor()
    await page.getByRole('button', { name: 'Close more' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    expect(await focused(page)).to.equal('Cancel')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await focused(page)).to.equal('Close')
    expect(admin.server.entryPoint('more').status().state).to.equal('ready')
  })

  it('lets the keyboard skip to the content', async () => {
    const page = await dashboard().enter('layers')
    await page.reload()
    await page.getByRole('heading', { name: 'Layers' }).waitFor()
    await press(page, 'Tab', 'Skip to the content')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement?.id')).to.equal('main')
    expect(new URL(page.url()).hash).to.equal('#/layers')
  })

  it('keeps the focus, what is typed and what is open while it shows what changes', async () => {
    const { admin, enter } = dashboard()
    const page = await enter()
    await page.getByText('Open an entry point').click()
    await page.getByLabel('Name').fill('half a na')
    await admin.server.openEntryPoint('more', '127.0.0.1:0')
    await page.getByRole('heading', { name: 'more ready' }).waitFor()
    await page.keyboard.type('me')
    expect(await page.getByLabel('Name').inputValue()).to.equal('half a name')
  })

  it('tells what it has done to screen readers', async () => {
    const page = await dashboard().enter('providers')
    await page.getByRole('button', { name: 'Read again: shop' }).click()
    await page.locator('#announcer').filter({ hasText: 'Read again; version' }).waitFor({ state: 'attached' })
  })
})

/** Makes something to show in each view. */
async function fill({ shop, node }: Dashboard): Promise<void> {
  const services = { carts: { forward: { nodes: [{ addr: node }] } }, spare: { text: 'x' } }
  const cart = { pattern: '/cart', service: 'carts', middlewares: ['limited'] }
  const middlewares = { limited: { rateLimit: { average: 100 } } }
  await shop.set({ routes: { cart }, services, middlewares })
  await shop.set({ routes: { cart, inline: { pattern: '/in', service: { text: 'x' } } }, services, middlewares })
  await shop.set({ routes: { cart: { ...cart, service: 'carst' } }, services, middlewares })
}

async function show(page: Page, view: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(`#/${view}`)}`)
  await page.locator(`[data-key="view ${view.split('?')[0]}"]`).waitFor()
  const closed = page.locator('main details:not([open]) > summary').first()
  while ((await closed.count()) > 0) {
    await closed.click()
    // What is disclosed is made then.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 50)))
  }
}

/** What axe finds that is serious, and whether the page is wider than the window. */
async function findFaults(page: Page, view: string): Promise<string[]> {
  await page.evaluate(`${axe.source};0`)
  const found = (await page.evaluate(`axe.run().then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`)) as string[]
  const tooWide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
  return [...found, ...(tooWide > 0 ? [`is ${tooWide} pixels too wide`] : [])].map((fault) => `${view}: ${fault}`)
}

async function press(page: Page, key: string, expected: string): Promise<void> {
  await page.keyboard.press(key)
  expect(await focused(page)).to.equal(expected)
}

function focused(page: Page): Promise<string | undefined> {
  return page.evaluate<string | undefined>('document.activeElement?.textContent')
}
