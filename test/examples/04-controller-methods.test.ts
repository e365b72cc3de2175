import { expect } from 'chai'
import { build } from '../../examples/04-controller-methods/main.ts'
import { serve } from './serve.ts'

describe('examples/04-controller-methods', () => {
  const ask = serve(build)

  it('serves the methods of the list', async () => {
    expect((await ask('/method/name')).text).to.equal('John')
    expect((await ask('/method/age')).text).to.equal('42')
    expect((await ask('POST /account/rename')).text).to.equal('John, 42')
  })

  it('serves no other', async () => {
    for (const what of [
      '/method/info',
      '/method/rename',
      '/method/describe',
      'POST /account/name',
      '/account/rename',
    ]) {
      expect((await ask(what)).status, what).to.equal(404)
    }
  })
})
