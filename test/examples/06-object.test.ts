import { expect } from 'chai'
import { build } from '../../examples/06-object/main.ts'
import { serve } from './serve.ts'

describe('examples/06-object', () => {
  const ask = serve(build)

  it('binds index to the pattern too', async () => {
    expect((await ask('/product')).text).to.equal('products')
    expect((await ask('/product/index')).text).to.equal('products')
  })

  it('shares one object among all requests and patterns', async () => {
    expect((await ask('/product/total')).text).to.equal('total: 1')
    expect((await ask('/product/total')).text).to.equal('total: 2')
    expect((await ask('/v1/product/total')).text).to.equal('total: 3')
  })

  it('puts the names where the pattern wants them', async () => {
    expect((await ask('/product/show-all')).json()).to.deep.equal(['apple', 'pen'])
    expect((await ask('/v1/product/show-all')).json()).to.deep.equal(['apple', 'pen'])
    expect((await ask('/product/showAll')).status).to.equal(404)
  })

  it('takes the functions of a plain object', async () => {
    expect((await ask('/weather/today')).text).to.equal('sunny')
    expect((await ask('/weather/tomorrow')).text).to.equal('rain')
  })

  it('makes no route of data', async () => {
    expect((await ask('/product/calls')).status).to.equal(404)
  })
})
