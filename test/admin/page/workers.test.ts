import { expect } from 'chai'
import { describeBrowser } from '../../browser/pages.ts'
import { Application } from '../../cli/workers/application.ts'
import { token } from '../admin-world.ts'

describeBrowser('the workers on the dashboard', (browser) => {
  let application: Application

  before(async () => {
    application = await Application.start(2, { ADMIN: '127.0.0.1:0', TOKEN: token })
  })
  after(async () => {
    application?.child.kill('SIGKILL')
    await application?.whenEnded
  })

  it('are listed, whichever answers', async () => {
    const address = application.records.find(({ component }) => component === 'admin')?.address
    const page = await browser().newPage()
    await page.goto(`http://${address}/`)
    await page.getByLabel('Token').fill(token)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('2 workers', { exact: true }).click()
    const rows = await page.getByRole('table', { name: 'Workers' }).getByRole('row').allInnerTexts()
    const cells = rows.slice(1).map((row) => row.trim().split(/\s+/).slice(0, 3))
    expect(cells.map(([worker, , state]) => [worker, state])).to.deep.equal([
      ['1', 'ready'],
      ['2', 'ready'],
    ])
    expect(cells.map(([, pid]) => Number(pid))).to.have.members([...application.servings])
    await page.close()
  })
})
