import { expect } from 'chai'
import fc from 'fast-check'
import { toSafeFileName } from '../../../../lib/http/forms/multipart.ts'

describe('the file name of an upload', () => {
  const cases: Record<string, string> = {
    'photo.png': 'photo.png',
    'ä €.txt': 'ä €.txt',
    '/etc/passwd': 'passwd',
    '..\\..\\boot.ini': 'boot.ini',
    'C:\\fakepath\\a.png': 'a.png',
    'C:a.png': 'C_a.png',
    '..': 'file',
    '.': 'file',
    '': 'file',
    'a/': 'file',
    '. . .': 'file',
    'a\0.php\r\n': 'a.php',
    'a.txt. . ': 'a.txt',
    '.htaccess': '.htaccess',
    CON: '_CON',
    'nul.txt': '_nul.txt',
    'console.log': 'console.log',
    'a<b>"c|?*.txt': 'a_b__c___.txt',
    'gpj.\u202eexe': 'gpj.exe',
  }
  for (const [given, expected] of Object.entries(cases)) {
    it(`${JSON.stringify(given)} is ${expected}`, () => expect(toSafeFileName(given)).to.equal(expected))
  }

  it('is cut to 255 bytes, with its extension', () => {
    expect(toSafeFileName(`${'a'.repeat(300)}.png`)).to.equal(`${'a'.repeat(251)}.png`)
    expect(toSafeFileName(`${'€'.repeat(300)}.png`)).to.equal(`${'€'.repeat(83)}.png`)
    expect(toSafeFileName(`a.${'b'.repeat(300)}`)).to.equal(`a.${'b'.repeat(253)}`)
  })

  it('is safe whatever a client sends, and stays when it is made safe again', () => {
    const arbitraryName = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc
        .array(fc.constantFrom('.', '..', '/', '\\', ' ', '\0', 'con', 'a', ':', '\u202e', '😀', '\ud800'))
        .map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(arbitraryName, (given) => {
        const name = toSafeFileName(given)
        expect(name).to.not.be.oneOf(['', '.', '..'])
        expect(name).to.not.match(/[/\\\p{Cc}<>:"|?*]|[. ]$/u)
        expect(Buffer.byteLength(name)).to.be.at.most(255)
        expect(toSafeFileName(name)).to.equal(name)
      }),
      { numRuns: 2000 },
    )
  })
})
