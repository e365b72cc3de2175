import { expect } from 'chai'
import { printablePath } from '../../../lib/http/request-core.ts'

describe('http/request-core: printablePath', () => {
  it('leaves a path as it is, encoded or not decodable', () => {
    for (const path of ['/', '/a%0D%0Ab/%zz', '/~a"b|c']) expect(printablePath(path)).to.equal(path)
  })

  it('encodes bytes that could be seen as something else', () => {
    expect(printablePath('/\xc3\xa9/\x9b31m\x1b[2J\r\n \x7f')).to.equal('/%C3%A9/%9B31m%1B[2J%0D%0A%20%7F')
  })
})
