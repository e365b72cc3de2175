import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { describeDashboard } from './describe-dashboard.ts'

const routes = { about: { pattern: '/about', service: { text: 'We sell books.' } } }
const middlewares = { signed: { basicAuth: { users: { alice: 'plain:in wonderland' } } } }

describeDashboard('the document of the provider api', (dashboard) => {
  it('is written, checked, and saved without losing what is secret', async () => {
    const { admin, enter } = dashboard()
    await admin.send('PUT', '/ops/config/routing', { routes, middlewares })
    const page = await enter('document')
    const editor = page.getByLabel('Document, as JSON')
    await page.waitForFunction("document.querySelector('textarea')?.value.includes('We sell books.')")
    const shown = JSON.parse(await editor.inputValue()) as { routes: typeof routes; middlewares: typeof middlewares }
    expect(shown.middlewares.signed.basicAuth.users.alice).to.include('***')
    const added = { pattern: '/new', service: { text: 'New' }, middlewares: ['signed'] }
    await editor.fill(JSON.stringify({ ...shown, routes: { ...routes, added } }, undefined, 2))
    await page.getByRole('button', { name: 'Check' }).click()
    await tells(page, 'Nothing is wrong with it.')
    const { version } = admin.server
    await page.getByRole('button', { name: 'Save' }).click()
    await tells(page, `Served, in version ${version + 1}.`)
    const [address = ''] = admin.server.addresses
    expect((await fetch(`http://${address}/new`)).status).to.equal(401)
    const authorization = `Basic ${Buffer.from('alice:in wonderland').toString('base64')}`
    expect((await fetch(`http://${address}/new`, { headers: { authorization } })).status).to.equal(200)
  })

  it('shows what is wrong beside it, and where', async () => {
    const page = await dashboard().enter('document')
    const editor = page.getByLabel('Document, as JSON')
    await editor.fill('{ "routes": {')
    await page.getByRole('button', { name: 'Check' }).click()
    await tells(page, 'This is not JSON')
    const broken = { pattern: '/about', service: 'nothing' }
    await editor.fill(JSON.stringify({ routes: { broken } }, undefined, 2))
    await page.getByRole('button', { name: 'Save' }).click()
    await tells(page, 'there is no service "nothing"')
    expect(await editor.getAttribute('aria-invalid')).to.equal('true')
    await page.getByRole('button', { name: 'Line 5' }).click()
    expect(await selectedText(page)).to.equal('"service": "nothing"')
    const nodes = [{ addr: 'http://127.0.0.1:1' }, { addr: 'nonsense' }]
    await editor.fill(JSON.stringify({ services: { carts: { forward: { nodes } } } }, undefined, 2))
    await page.getByRole('button', { name: 'Check' }).click()
    await page.getByRole('button', { name: 'Line 10' }).click()
    expect(await selectedText(page)).to.equal('"addr": "nonsense"')
  })

  it('isn’t saved over what someone else has saved meanwhile', async () => {
    const { admin, enter } = dashboard()
    const page = await enter('document')
    const editor = page.getByLabel('Document, as JSON')
    await editor.fill(JSON.stringify({ routes }))
    await admin.send('PUT', '/ops/config/routing', { routes: { other: { pattern: '/other', service: { text: 'x' } } } })
    await page.getByRole('alert').filter({ hasText: 'was changed by someone else' }).waitFor()
    expect(await editor.inputValue()).to.equal(JSON.stringify({ routes }))
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('region', { name: 'Result' }).locator('.failed').waitFor()
    expect((await admin.get('/ops/config/routing')).routes).to.have.keys('other')
    await page.getByRole('button', { name: 'Load it' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click()
    await page.waitForFunction("document.querySelector('textarea')?.value.includes('/other')")
  })

  it('loses a route that is taken away from the list', async () => {
    const { admin, enter } = dashboard()
    await admin.send('PUT', '/ops/config/routing', { routes })
    const page = await enter('routes')
    await page.getByText('about@api').click()
    await page.getByRole('button', { name: 'Take away about' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Take away' }).click()
    await page.getByText('about@api').waitFor({ state: 'detached' })
    expect(await admin.get('/ops/config/routing')).to.deep.equal({})
    await page
      .getByText(/^about is taken away, since version/)
      .first()
      .waitFor({ state: 'attached' })
  })
})

function tells(page: Page, text: string): Promise<void> {
  return page.getByRole('region', { name: 'Result' }).getByText(text).first().waitFor()
}

function selectedText(page: Page): Promise<string> {
  return page
    .getByLabel('Document, as JSON')
    .evaluate((area: { value: string; selectionStart: number; selectionEnd: number }) =>
      area.value.slice(area.selectionStart, area.selectionEnd),
    )
}
