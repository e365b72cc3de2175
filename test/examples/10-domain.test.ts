import { expect } from 'chai'
import { build } from '../../examples/10-domain/main.ts'
import { serve } from './serve.ts'

describe('examples/10-domain', () => {
  const ask = serve(build)
  const hello = async (Host: string): Promise<string> => (await ask('/hello', { Host })).text

  it('answers by domain', async () => {
    expect(await hello('localhost')).to.equal('hello, localhost')
    expect(await hello('shop.example.com')).to.equal('hello, customer')
    expect(await hello('store.example.com')).to.equal('hello, customer')
  })

  it('takes the exact name before *., whatever its case and port', async () => {
    expect(await hello('Shop.Example.COM:8199')).to.equal('hello, customer')
    expect(await hello('any.example.com')).to.equal('hello, any.example.com')
    expect(await hello('a.b.example.com')).to.equal('hello, a.b.example.com')
  })

  it('answers without a domain where no other matches', async () => {
    expect(await hello('127.0.0.1')).to.equal('hello, whoever you are')
    expect(await hello('example.com')).to.equal('hello, whoever you are')
  })
})
