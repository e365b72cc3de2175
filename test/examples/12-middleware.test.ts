import { expect } from 'chai'
import { build } from '../../examples/12-middleware/main.ts'
import { serve } from './serve.ts'

describe('examples/12-middleware', () => {
  const ask = serve(build)
  const ann = { Authorization: 'Bearer ann' }
  const root = { Authorization: 'Bearer root' }

  it('measures every request, also one that no route serves', async () => {
    for (const path of ['/public', '/api/me', '/nowhere']) {
      expect((await ask(path)).headers['server-timing'], path).to.match(/^total;dur=\d+\.\d$/)
    }
  })

  it('leaves routes outside the group alone', async () => {
    expect(await ask('/public')).to.include({ status: 200, text: 'anybody may read this' })
  })

  it('answers by itself where nobody is signed in', async () => {
    const answer = await ask('/api/me')
    expect(answer).to.include({ status: 401, text: 'Unauthorized' })
    expect(answer.headers['www-authenticate']).to.equal('Bearer')
  })

  it('hands on who is signed in', async () => {
    const answer = await ask('/api/me', ann)
    expect(answer.status).to.equal(200)
    expect(answer.json()).to.deep.equal({ user: 'ann' })
  })

  it('handles what is thrown further in', async () => {
    expect(await ask('/api/fail', ann)).to.include({ status: 503, text: 'try again later' })
  })

  it('runs the middleware of a nested group inside that of the outer one', async () => {
    expect((await ask('/api/admin/users')).status).to.equal(401)
    expect((await ask('/api/admin/users', ann)).status).to.equal(403)
    expect((await ask('/api/admin/users', root)).json()).to.deep.equal(['ann', 'root'])
  })
})
