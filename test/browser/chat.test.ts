import { expect } from 'chai'
import { build } from '../../examples/18-chat/main.ts'
import { describePages } from './pages.ts'

describePages('the page of examples/18-chat', build, (open) => {
  it('lets two talk with each other, and shows what they write as text', async () => {
    const ann = await open('/?room=tea%20%26%20cake&name=Ann')
    await ann.getByText('Ann came in').waitFor()

    // The second comes in through the form.
    const bob = await open('/')
    await bob.getByLabel('Name').fill('Bob')
    await bob.getByLabel('Room').fill('tea & cake')
    await bob.getByRole('button', { name: 'Enter' }).click()
    await ann.getByText('Bob came in').waitFor()

    await ann.getByLabel('Message').fill('<b>Tea?</b>')
    await ann.getByRole('button', { name: 'Send' }).click()
    await bob.getByText('Ann: <b>Tea?</b>').waitFor()

    await bob.getByLabel('Message').fill('Please!')
    await bob.getByLabel('Message').press('Enter')
    await ann.getByText('Bob: Please!').waitFor()
    expect(await ann.getByLabel('Message').inputValue()).to.equal('')

    await bob.close()
    await ann.getByText('Bob left').waitFor()
    expect(await ann.locator('#messages li').allTextContents()).to.deep.equal([
      'Ann came in',
      'Bob came in',
      'Ann: <b>Tea?</b>',
      'Bob: Please!',
      'Bob left',
    ])
  })
})
