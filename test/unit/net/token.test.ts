import { expect } from 'chai'
import { isToken } from '../../../lib/net/token.ts'

describe('net/token', () => {
  it('is what RFC 9110, section 5.6.2 says: visible ASCII without delimiters', () => {
    const delimiters = '"(),/:;<=>?@[\\]{}'
    for (let code = 0; code < 256; code++) {
      const character = String.fromCharCode(code)
      const isAllowed = code > 0x20 && code < 0x7f && !delimiters.includes(character)
      expect(isToken(`a${character}b`), JSON.stringify(character)).to.equal(isAllowed)
    }
  })

  it('is never empty, and only a string', () => {
    for (const value of ['', 'a\n', undefined, null, 1, ['a'], /a/]) expect(isToken(value)).to.equal(false)
  })
})
