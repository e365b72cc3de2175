import { expect } from 'chai'
import { build } from '../../examples/09-fruits/main.ts'
import { serve } from './serve.ts'

describe('examples/09-fruits', () => {
  const ask = serve(build)

  it('serves three handlers', async () => {
    expect((await ask('/apple')).text).to.equal('Apple')
    expect((await ask('/pen')).text).to.equal('Pen')
    expect((await ask('/apple-pen')).text).to.equal('Apple-Pen')
  })

  it('serves no pineapple', async () => {
    expect(await ask('/pineapple')).to.include({ status: 404, text: 'Not Found' })
  })
})
