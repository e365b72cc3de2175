import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { build } from '../../examples/15-upload/main.ts'
import { describePages } from './pages.ts'

const folders: string[] = []
const buildInTemporaryFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'tribind-browser-'))
  folders.push(folder)
  return build(folder)
}

describePages('the page of examples/15-upload', buildInTemporaryFolder, (open) => {
  after(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
  })

  it('uploads files and lists them', async () => {
    const page = await open('/')
    const file = (name: string, text: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) })
    await page.getByLabel('Files').setInputFiles([file('Größe.txt', 'first'), file('b.txt', 'second')])
    await page.getByLabel('Note').fill('<i>two</i>')
    await page.getByRole('button', { name: 'Upload' }).click()
    await page.getByRole('link', { name: 'Größe.txt' }).waitFor()
    expect(await page.locator('li').allTextContents()).to.deep.equal([
      'Größe.txt, 5 bytes <i>two</i>',
      'b.txt, 6 bytes <i>two</i>',
    ])

    const arrival = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Größe.txt' }).click()
    expect((await arrival).suggestedFilename()).to.equal('Größe.txt')
    await page.close()
  })
})
