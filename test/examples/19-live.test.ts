import { expect } from 'chai'
import { build } from '../../examples/19-live/main.ts'
import { serve } from './serve.ts'

describe('examples/19-live', () => {
  const ask = serve(() => build(1))
  const idsOf = (text: string): string[] => [...text.matchAll(/^id: (.+)$/gm)].map(([, id = '']) => id)

  it('sends ticks, each as soon as there is one', async () => {
    const { headers, text, chunks } = await ask('/ticks')
    expect(headers['content-type']).to.match(/^text\/event-stream/)
    expect(idsOf(text)).to.deep.equal(['1', '2', '3', '4', '5'])
    expect(text)
      .to.match(/^event: tick$/m)
      .and.match(/^data: \{"tick":1,"time":".+Z"\}$/m)
    expect(chunks.length).to.be.greaterThan(1)
  })

  it('goes on after the last id', async () => {
    expect(idsOf((await ask('/ticks', { 'last-event-id': '5' })).text)).to.deep.equal(['6', '7', '8', '9', '10'])
  })

  for (const id of ['x', '-1', '1e999', '99999999999999999999']) {
    it(`begins anew after the id ${id}`, async () => {
      expect(idsOf((await ask('/ticks', { 'last-event-id': id })).text)[0]).to.equal('1')
    })
  }

  it('serves the page', async () => {
    expect((await ask('/')).text).to.include('new EventSource(')
  })
})
