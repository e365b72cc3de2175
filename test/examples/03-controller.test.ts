import { expect } from 'chai'
import { build } from '../../examples/03-controller/main.ts'
import { serve } from './serve.ts'

describe('examples/03-controller', () => {
  const ask = serve(build)

  it('makes a route of each method', async () => {
    expect((await ask('/user/name')).text).to.equal('name: John')
    expect((await ask('/user/age')).text).to.equal('age: 42')
  })

  it('answers any HTTP method', async () => {
    expect((await ask('POST /user/name')).text).to.equal('name: John')
  })

  it('makes a new instance for every request', async () => {
    const answers = await Promise.all([ask('/user/count-calls'), ask('/user/count-calls'), ask('/user/count-calls')])
    expect(answers.map(({ text }) => text)).to.deep.equal(['calls: 1', 'calls: 1', 'calls: 1'])
  })

  it('takes a class that extends nothing', async () => {
    expect((await ask('/clock/year')).text).to.equal(`/clock/year says ${new Date().getFullYear()}`)
  })

  it('makes no route of init, shut, fields or the class itself', async () => {
    for (const path of ['/user', '/user/init', '/user/shut', '/user/exit', '/user/user', '/user/constructor']) {
      expect((await ask(path)).status, path).to.equal(404)
    }
  })
})
