import { expect } from 'chai'
import { build } from '../../examples/19-live/main.ts'
import { describePages } from './pages.ts'

describePages(
  'the page of examples/19-live',
  () => build(50),
  (open) => {
    it('shows the ticks, and goes on where it was when it has come back', async () => {
      const page = await open('/')
      const ticks = page.locator('#ticks li')
      // Five to a connection: these are three connections.
      await ticks.nth(11).waitFor()
      const numbers = (await ticks.allTextContents()).map((text) => Number.parseInt(text, 10))
      expect(numbers.slice(0, 12)).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
      expect(await page.locator('#state').textContent()).to.match(/^(connection [3-9]|reconnecting)/)
      await page.close()
    })
  },
)
