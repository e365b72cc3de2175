import { startAdmin } from '../admin-world.ts'
import { describeDashboard } from './describe-dashboard.ts'

describeDashboard('the connection of the dashboard', (dashboard) => {
  it('shows at once what has changed', async () => {
    const { admin, enter } = dashboard()
    const page = await enter('layers')
    await page.getByText('live', { exact: true }).waitFor()
    await admin.server.layer('news').replace((routes) => routes.bindHandler('/news', () => 'News'))
    await page.getByRole('link', { name: 'news', exact: true }).waitFor()
  })

  it('says that it is lost and how old what is shown is, and comes back', async () => {
    const { admin, enter } = dashboard()
    const page = await enter('layers')
    await page.getByText('live', { exact: true }).waitFor()
    await page.getByRole('link', { name: 'code', exact: true }).waitFor()
    const { port } = admin.place as { readonly port: number }
    await admin.server.stop()
    await page.getByText(/Connection lost \d+ s ago. What is shown is from .*, \d+ s ago. Next try in \d+ s./).waitFor()
    await page.getByRole('link', { name: 'code', exact: true }).waitFor()
    const again = await startAdmin(undefined, { admin: { address: `127.0.0.1:${port}`, pathPrefix: '/ops' } })
    await page.getByText('live', { exact: true }).waitFor()
    await again.stop()
  })
})
