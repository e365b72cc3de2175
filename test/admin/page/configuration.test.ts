import { expect } from 'chai'
import type { Locator, Page } from 'playwright-core'
import { describeDashboard } from './describe-dashboard.ts'

/** A configuration of a shop whose carts come from a node. */
function configurationOf(node: string, routes: object = {}): object {
  return {
    routes: { cart: { pattern: 'GET:/cart/*path', service: 'carts', middlewares: ['limited'] }, ...routes },
    services: { carts: { forward: { nodes: [{ addr: node }, { addr: 'http://127.0.0.1:9' }] } } },
    middlewares: { limited: { rateLimit: { average: 100, period: '1s', burst: 50 } } },
  }
}

const about = { pattern: '/about', service: { text: 'We sell books.' } }

describeDashboard('the views of configurations', (dashboard) => {
  it('show a route with its middlewares, its service and its nodes', async () => {
    const { shop, node, enter } = dashboard()
    await shop.set(configurationOf(node))
    const page = await enter('routes')
    const row = rowOf(page, 'GET:/cart/*path')
    await row.getByText('cart@shop').click()
    await row.getByText('limited@shop').waitFor()
    await row.getByText('carts@shop').waitFor()
    await row.getByRole('cell', { name: node, exact: true }).waitFor()
  })

  it('show what is wrong where it is wrong, and that it isn’t any more', async () => {
    const { shop, node, enter } = dashboard()
    const page = await enter('routes')
    await shop.set(configurationOf(node))
    await rowOf(page, 'GET:/cart/*path').getByText('cart@shop').click()
    const broken = configurationOf(node, { cart: { pattern: 'GET:/cart/*path', service: 'carst' } })
    expect(await shop.set(broken)).to.have.property('applied', false)
    const row = rowOf(page, 'GET:/cart/*path')
    await row.getByText('there is no service "carst", did you mean "carts"?').waitFor()
    await row.getByText('warning').waitFor()
    await page.getByRole('link', { name: 'Providers' }).click()
    await page.getByRole('heading', { name: 'shop stale' }).waitFor()
    await page.getByText('routes.cart.service').waitFor()
    await shop.set(configurationOf(node, { about }))
    await page.getByRole('heading', { name: 'shop ok' }).waitFor()
    expect(await page.getByText('routes.cart.service').count()).to.equal(0)
  })

  it('show that a route was taken away', async () => {
    const { shop, node, enter } = dashboard()
    await shop.set(configurationOf(node, { about }))
    const page = await enter('routes')
    await rowOf(page, '/about').waitFor()
    await shop.set(configurationOf(node))
    await rowOf(page, '/about').waitFor({ state: 'detached' })
    await rowOf(page, 'GET:/cart/*path').waitFor()
  })

  it('search routes, and show them page by page', async () => {
    const { shop, enter } = dashboard()
    const many = Array.from({ length: 120 }, (_, i) => [`r${i}`, { pattern: `/r/${i}`, service: { text: 'x' } }])
    await shop.set({ routes: Object.fromEntries(many) })
    const page = await enter('routes')
    await page.getByText('122 entries').waitFor()
    await page.getByText('Page 1 of 3').waitFor()
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByText('Page 2 of 3').waitFor()
    await page.getByLabel('Search').fill('/r/11')
    await page.keyboard.press('Enter')
    await page.getByText('11 entries').waitFor()
    await rowOf(page, '/r/119').waitFor()
    expect(new URL(page.url()).hash).to.equal('#/routes?search=%2Fr%2F11')
  })

  it('show the differences of versions, go back to one, and resume', async () => {
    const { admin, shop, node, enter } = dashboard()
    await shop.set(configurationOf(node))
    await shop.set(configurationOf(node, { about }))
    const [address = ''] = admin.server.addresses
    const page = await enter('history')
    await page.getByText('Differences from version').click()
    await page.getByText('shop.routes.about added').waitFor()
    await page.getByRole('button', { name: 'Go back to this version' }).click()
    const question = page.getByRole('dialog')
    await question.getByText('shop.routes.about taken away').waitFor()
    await question.getByRole('button', { name: 'Go back' }).click()
    const banner = page.getByRole('region', { name: 'Rollback' })
    await banner.waitFor()
    await page.getByText('is served again, as version').first().waitFor()
    expect(await (await fetch(`http://${address}/about`)).text()).to.equal('Something else')
    await banner.getByRole('button', { name: 'Resume' }).click()
    await banner.waitFor({ state: 'detached' })
    expect(await (await fetch(`http://${address}/about`)).text()).to.equal('We sell books.')
  })

  it('read a provider again', async () => {
    const { enter } = dashboard()
    const page = await enter('providers')
    await page.getByRole('button', { name: 'Read again: shop' }).click()
    await page
      .getByRole('main')
      .getByText(/^Read again; version/)
      .waitFor()
  })
})

function rowOf(page: Page, pattern: string): Locator {
  return page.getByRole('listitem').filter({ has: page.locator('summary').getByText(pattern, { exact: true }) })
}
