import { describeDashboard } from './describe-dashboard.ts'

describeDashboard('the view that explains a request', (dashboard) => {
  it('says which route serves it, what stands behind, and what acts on it', async () => {
    const page = await dashboard().enter('match')
    await page.getByLabel('Path').fill('/hello?a=1')
    await page.getByRole('button', { name: 'Explain' }).click()
    const answer = page.getByRole('region', { name: 'What becomes of the request' })
    await answer.getByText('GET:/hello', { exact: true }).waitFor()
    await answer.getByText('is less specific: it has parameters, and the other has none').waitFor()
    await answer.getByText('middleware guard').waitFor()
    await page.getByLabel('Method').selectOption('POST')
    await page.getByRole('button', { name: 'Explain' }).click()
    await answer.getByText('handler everythingElse').waitFor()
  })

  it('says what is wrong with what was asked, and that an entry point is the one', async () => {
    const page = await dashboard().enter('match')
    await page.getByLabel('Path').fill('hello')
    await page.getByRole('button', { name: 'Explain' }).click()
    await page.getByRole('alert').filter({ hasText: 'must be a path such as' }).waitFor()
    await page.getByLabel('Path').fill('/hello')
    await page.getByLabel('Entry point').selectOption('web')
    await page.getByRole('button', { name: 'Explain' }).click()
    await page.getByText('GET /hello, at web').waitFor()
  })

  it('is asked from the list of routes', async () => {
    const page = await dashboard().enter('routes')
    await page.getByText('GET:/hello', { exact: true }).click()
    await page.getByRole('link', { name: 'Explain a request for it' }).click()
    await page.getByRole('heading', { name: 'What serves it' }).waitFor()
  })
})
