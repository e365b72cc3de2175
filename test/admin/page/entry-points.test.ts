import { expect } from 'chai'
import { describeDashboard } from './describe-dashboard.ts'

describeDashboard('the view of entry points', (dashboard) => {
  it('shows each with its state, addresses, labels and figures', async () => {
    const { admin, enter } = dashboard()
    const page = await enter()
    const web = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'web ready' }) })
    const [address = ''] = admin.server.addresses
    await web.getByText(address, { exact: true }).waitFor()
    await web.getByText('<b>team</b>: <img src=x>').waitFor()
    for (let i = 0; i < 12; i++) expect((await fetch(`http://${address}/hello`)).status).to.equal(200)
    await web.getByText('12 in all').first().waitFor()
  })

  it('opens one, replaces it, and closes it', async () => {
    const { admin, enter } = dashboard()
    const page = await enter()
    await page.getByText('Open an entry point').click()
    await page.getByLabel('Name').fill('more')
    await page.getByLabel('Address').first().fill('127.0.0.1:0')
    await page.getByRole('button', { name: 'Open', exact: true }).click()
    await page.getByText('more is open.').first().waitFor()
    const more = admin.server.entryPoint('more')
    const [first] = more.addresses
    expect(await (await fetch(`http://${first}/hello`)).text()).to.equal('Hello')

    const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'more ready' }) })
    await card.getByText('Replace').first().click()
    await card.getByLabel('Other options, as JSON').fill('{ "labels": { "team": "books" } }')
    await card.getByRole('button', { name: 'Replace' }).click()
    await card.getByText('more is replaced.').waitFor()
    expect(more.labels).to.deep.equal({ team: 'books' })
    expect(more.addresses).not.to.deep.equal([first])

    await card.getByRole('button', { name: 'Close more' }).click()
    const question = page.getByRole('dialog', { name: 'Close more?' })
    await question.getByRole('button', { name: 'Cancel' }).click()
    expect(more.status().state).to.equal('ready')
    await card.getByRole('button', { name: 'Close more' }).click()
    await question.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('heading', { name: 'more closed' }).waitFor()
    expect(more.addresses).to.deep.equal([])
  })

  it('shows the error where it was asked', async () => {
    const { admin, enter } = dashboard()
    const page = await enter()
    await page.getByText('Open an entry point').click()
    await page.getByLabel('Name').fill('more')
    await page
      .getByLabel('Address')
      .first()
      .fill(admin.server.addresses[0] as string)
    const button = page.getByRole('button', { name: 'Open', exact: true })
    await button.click()
    const card = page.locator('details').filter({ has: button })
    await card.getByText("can't listen on").first().waitFor()
    await page.getByLabel('Address').first().fill('127.0.0.1:0')
    await page.getByLabel('Other options, as JSON').first().fill('{ "maxConections": 3 }')
    await button.click()
    await card.getByText('maxConections').nth(1).waitFor()
    await page.getByLabel('Other options, as JSON').first().fill('{ maxConnections')
    await button.click()
    await card.getByText('The options are not JSON').waitFor()
  })
})
