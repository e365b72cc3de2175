import { expect } from 'chai'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Server } from 'tribind'
import { buildGateway, buildService } from '../../examples/23-gateway/main.ts'
import { collectingLogger } from '../feature/both-ways.ts'

const token = 'a token for tests only'.replaceAll(' ', '-')

describe('examples/23-gateway', () => {
  let folder: string
  let file: string
  let text: string
  let services: Server[]
  let gateway: Server

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gateway-'))
    file = join(folder, 'routes.yaml')
    services = ['red', 'blue'].map((name) => buildService(name, '127.0.0.1:0', collectingLogger()))
    for (const service of services) await service.start()
    const [red, blue] = services.map(({ port }) => String(port))
    text = await readFile('examples/23-gateway/routes.yaml', 'utf8')
    text = text.replaceAll(':8201', `:${red}`).replaceAll(':8202', `:${blue}`)
    await writeFile(file, text)
    gateway = buildGateway({
      routes: file,
      address: '127.0.0.1:0',
      admin: `unix:${join(folder, 'admin.sock')}`,
      token,
      logger: collectingLogger(),
    })
    await gateway.start()
  })

  afterEach(async () => {
    await gateway.stop()
    for (const service of services) await service.stop()
    await rm(folder, { recursive: true })
  })

  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${gateway.port}${path}`)
    return { status: response.status, text: await response.text() }
  }

  it('spreads the shop by weight, and sends orders to the second', async () => {
    const answers = [await get('/'), await get('/'), await get('/')].map(({ text }) => text)
    expect(answers.toSorted()).to.deep.equal(['blue: /', 'red: /', 'red: /'])
    expect((await get('/orders/7')).text).to.equal('blue: /orders/7')
    expect((await get('/about')).text).to.equal('A gateway of tribind')
  })

  it('serves what is saved, and refuses what can’t be served', async () => {
    const { version } = gateway
    await writeFile(file, text.replace('A gateway of tribind', 'It has changed'))
    await until(() => gateway.version > version)
    expect((await get('/about')).text).to.equal('It has changed')
    await writeFile(file, text.replace('service: orders', 'service: order'))
    await until(() => gateway.configuration.status().providers[0]?.issues.length === 1)
    expect(gateway.configuration.status().providers[0]?.issues[0]?.path).to.equal('routes.orders.service')
    expect((await get('/orders/7')).text).to.equal('blue: /orders/7')
  })
})

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 20))
}
