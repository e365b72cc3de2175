import net from 'node:net'
import { expect } from 'chai'
import { createFolder, startAdmin, token } from '../admin-world.ts'
import { describeDashboard } from './describe-dashboard.ts'

describeDashboard('the dashboard', (dashboard) => {
  it('asks for the token, and says when it is wrong', async () => {
    const page = await dashboard().open()
    const input = page.getByLabel('Token')
    await input.fill('not-the-token-of-the-tests')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').filter({ hasText: 'is not the one' }).waitFor()
    expect(await input.getAttribute('aria-invalid')).to.equal('true')
    expect(await input.evaluate((one) => one === one.ownerDocument.activeElement)).to.equal(true)
    await input.fill(token)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Entry points', level: 1 }).waitFor()
  })

  it('keeps the token for the tab alone, and forgets it', async () => {
    const page = await dashboard().enter('layers')
    await page.reload()
    await page.getByRole('heading', { name: 'Layers' }).waitFor()
    const kept = await page.evaluate('[JSON.stringify(localStorage), document.cookie, location.href]')
    expect(kept).to.deep.equal(['{}', '', `${dashboard().url}#/layers`])
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Token').waitFor()
    expect(await page.evaluate('JSON.stringify(sessionStorage)')).to.equal('{}')
  })

  it('asks for no token where none is needed', async () => {
    const folder = createFolder()
    const admin = await startAdmin(undefined, { admin: { address: `unix:${folder.path}`, token: undefined } as never })
    const proxy = net.createServer((socket) => socket.pipe(net.connect(folder.path)).pipe(socket))
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const page = await dashboard().open()
    page.removeAllListeners('request')
    await page.goto(`http://127.0.0.1:${(proxy.address() as net.AddressInfo).port}/`)
    await page.getByRole('heading', { name: 'Entry points' }).waitFor()
    expect(await page.getByRole('button', { name: 'Sign out' }).count()).to.equal(0)
    await page.goto('about:blank')
    proxy.close()
    await admin.stop()
    folder.remove()
  })
})
