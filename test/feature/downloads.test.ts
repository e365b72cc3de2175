import { expect } from 'chai'
import { bothWays } from './both-ways.ts'
import { temporaryFolder } from './temporary-folder.ts'

describe('downloads', () => {
  let folder = ''
  const file = (name: string) => `${folder}/${name}`

  before(() => {
    folder = temporaryFolder({ 'a.txt': '0123456789', 'root/in.txt': 'in the root' })
  })

  bothWays(
    'name the file so that every client and no header is told',
    (server) => {
      server.get('/x', ({ response, query }) =>
        response.serveFileDownload(file('a.txt'), query['name'] as string | undefined),
      )
      server.get('/rooted', ({ response }) => response.serveFileDownload('in.txt', undefined, { root: file('root') }))
      server.get('/missing', ({ response }) => response.serveFileDownload(file('missing')))
    },
    async (send) => {
      for (const [name, disposition] of [
        [undefined, 'attachment; filename="a.txt"'],
        ['b c.txt', 'attachment; filename="b c.txt"'],
        ['€ rates.txt', `attachment; filename="_ rates.txt"; filename*=UTF-8''%E2%82%AC%20rates.txt`],
        ['報告😀.pdf', `attachment; filename="___.pdf"; filename*=UTF-8''%E5%A0%B1%E5%91%8A%F0%9F%98%80.pdf`],
        [`it's (1)*é`, `attachment; filename="it's (1)*_"; filename*=UTF-8''it%27s%20%281%29%2a%C3%A9`],
        ['a"; x="b', `attachment; filename="a_; x=_b"; filename*=UTF-8''a%22%3B%20x%3D%22b`],
        ['a\r\nSet-Cookie: x=y', 'attachment; filename="aSet-Cookie: x=y"'],
        ['50%41', `attachment; filename="50_41"; filename*=UTF-8''50%2541`],
        ['../../etc/passwd', 'attachment; filename="passwd"'],
        ['C:\\x\\y.txt', 'attachment; filename="y.txt"'],
        ['\0', 'attachment; filename="download"'],
        ['a\u202etxt.exe', 'attachment; filename="atxt.exe"'],
      ] as const) {
        const answer = await send(name === undefined ? '/x' : `/x?name=${encodeURIComponent(name)}`)
        expect([answer.status, answer.text], name).to.deep.equal([200, '0123456789'])
        expect(answer.header('content-disposition'), name).to.equal(disposition)
        expect(answer.header('set-cookie'), name).to.equal(undefined)
      }
      expect((await send('/rooted')).header('content-disposition')).to.equal('attachment; filename="in.txt"')
      const missing = await send('/missing')
      expect([missing.status, missing.header('content-disposition')]).to.deep.equal([404, undefined])
    },
  )
})
