import { expect } from 'chai'
import { build } from '../../examples/22-live-routes/main.ts'
import { describePages } from './pages.ts'

describePages(
  'the page of examples/22-live-routes',
  () => build(),
  (open) => {
    it('publishes and removes pages, and shows the versions of all viewers', async () => {
      const viewer = await open('/')
      const editor = await open('/')
      await viewer.getByText('Version 1').waitFor()
      await editor.getByRole('button', { name: 'Publish' }).click()
      await viewer.getByText('+ /about').waitFor()
      const about = await open('/about')
      expect(await about.textContent('body')).to.equal('We sell books.')
      await editor.getByRole('button', { name: 'Remove' }).click()
      await viewer.getByText('− /about').waitFor()
      expect(await viewer.locator('#version').textContent()).to.equal('3')
      await editor.getByLabel('Page').fill('versions')
      await editor.getByRole('button', { name: 'Publish' }).click()
      await editor.getByText('There can be no page of this name').waitFor()
    })
  },
)
