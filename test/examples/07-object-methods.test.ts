import { expect } from 'chai'
import { build } from '../../examples/07-object-methods/main.ts'
import { serve } from './serve.ts'

describe('examples/07-object-methods', () => {
  const ask = serve(build)

  it('serves the first three on both domains', async () => {
    for (const Host of ['localhost', '127.0.0.1', 'LOCALHOST:8199']) {
      for (const number of [1, 2, 3]) {
        expect((await ask(`/object/show${number}`, { Host })).text, Host).to.equal(`show ${number}`)
      }
    }
  })

  it('serves show4 on localhost only', async () => {
    expect((await ask('/object/show4', { Host: 'localhost' })).text).to.equal('show 4')
    expect((await ask('/object/show4', { Host: '127.0.0.1' })).status).to.equal(404)
  })

  it('serves nothing on other domains', async () => {
    expect((await ask('/object/show1', { Host: 'example.com' })).status).to.equal(404)
  })
})
