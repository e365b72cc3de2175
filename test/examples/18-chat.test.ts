import { once } from 'node:events'
import { expect } from 'chai'
import type { Server } from 'tribind'
import { WebSocket } from 'ws'
import { build } from '../../examples/18-chat/main.ts'

describe('examples/18-chat', () => {
  let server: Server
  beforeEach(async () => {
    server = build()
    server.setPort(0)
    await server.start()
  })
  afterEach(() => server.stop())

  class Guest {
    readonly socket: WebSocket
    readonly heard: unknown[] = []

    constructor(room: string, name?: string) {
      const query = name === undefined ? '' : `?name=${encodeURIComponent(name)}`
      this.socket = new WebSocket(`ws://127.0.0.1:${server.port}/chat/${encodeURIComponent(room)}${query}`)
      this.socket.on('message', (data: Buffer) => this.heard.push(JSON.parse(data.toString())))
    }

    /** What was heard, as soon as it is so many messages. */
    async hears(count: number): Promise<unknown[]> {
      while (this.heard.length < count) await once(this.socket, 'message')
      return this.heard
    }
  }

  it('tells all in a room who comes, what they say, and who goes', async () => {
    const ann = new Guest('tea & cake', 'Ann')
    await ann.hears(1)
    const bob = new Guest('tea & cake', '<Bob>')
    await bob.hears(1)
    bob.socket.send('Tea?')
    await bob.hears(2)
    bob.socket.close()
    expect(await ann.hears(4)).to.deep.equal([
      { text: 'Ann came in' },
      { text: '<Bob> came in' },
      { from: '<Bob>', text: 'Tea?' },
      { text: '<Bob> left' },
    ])
  })

  it('tells nobody in another room', async () => {
    const ann = new Guest('kitchen', 'Ann')
    const bob = new Guest('garden')
    await Promise.all([ann.hears(1), bob.hears(1)])
    bob.socket.send('Rain!')
    await bob.hears(2)
    ann.socket.send('Tea?')
    expect(await ann.hears(2)).to.deep.equal([{ text: 'Ann came in' }, { from: 'Ann', text: 'Tea?' }])
    expect(bob.heard).to.deep.equal([{ text: 'somebody came in' }, { from: 'somebody', text: 'Rain!' }])
  })

  it('ends the connection of who sends too much, and nobody else', async () => {
    const ann = new Guest('kitchen', 'Ann')
    await ann.hears(1)
    const bob = new Guest('kitchen', 'Bob')
    await bob.hears(1)
    bob.socket.send('x'.repeat(5000))
    expect((await once(bob.socket, 'close'))[0]).to.equal(1009)
    expect((await ann.hears(3)).at(-1)).to.deep.equal({ text: 'Bob left' })
    ann.socket.send('Still here')
    expect((await ann.hears(4)).at(-1)).to.deep.equal({ from: 'Ann', text: 'Still here' })
  })

  it('refuses the pages of other sites', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/chat/kitchen`, { origin: 'https://evil.example' })
    const [error] = (await once(socket, 'error')) as [Error]
    expect(error.message).to.include('403')
  })

  it('serves the page', async () => {
    const page = await fetch(`http://127.0.0.1:${server.port}/`)
    expect(page.headers.get('content-type')).to.equal('text/html; charset=utf-8')
    expect(await page.text()).to.include('new WebSocket(')
  })
})
