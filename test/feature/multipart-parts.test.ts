import { expect } from 'chai'
import type { Server } from 'tribind'
import { type Ask, bothWays } from './both-ways.ts'

const start = '--XBX\r\n'
const end = '--XBX--\r\n'
const disposition = (parameters: string) => `Content-Disposition: form-data${parameters}\r\n`
const field = (name: string, value: string) => `${start}${disposition(`; name="${name}"`)}\r\n${value}\r\n`

const ask = (body: string | Buffer, boundary = 'XBX'): Ask => ({
  method: 'POST',
  url: '/',
  headers: { 'content-type': `multipart/form-data; boundary="${boundary}"` },
  body,
})

function bind(server: Server): void {
  server.post('/', async (request) => {
    const files = (await request.files()).map(({ name, filename, type, size }) => [name, filename, type, size])
    return { fields: await request.form(), ...(files.length > 0 && { files }) }
  })
  server.get('/alive', () => 'alive')
}

describe('the parts of a multipart form', () => {
  const good: Record<string, [body: string | Buffer, fields: object, boundary?: string]> = {
    'with blanks after boundaries': [
      `--XBX \r\n${disposition('; name="a"')}\r\n1\r\n--XBX\t \r\n${disposition('; name="b"')}\r\n2\r\n--XBX-- \t\r\n`,
      { a: '1', b: '2' },
    ],
    'with text before and after': [`preamble\r\n--XB\r\n${field('a', '1')}${end}epilogue\r\n--XBX\r\n`, { a: '1' }],
    'with a line break before the first boundary': [`\r\n${field('a', '1')}${end}`, { a: '1' }],
    'without a line break at the end': [`${field('a', '1')}--XBX--`, { a: '1' }],
    'with boundaries that are none': [field('a', '\n--XBX\r--XBX\r\n--XB') + end, { a: '\n--XBX\r--XBX\r\n--XB' }],
    'without content': [
      `${start}${disposition('; name="a"')}\r\n--XBX\r\n${disposition('; name="b"')}\r\n\r\n${end}`,
      { a: '', b: '' },
    ],
    'with a head on several lines, in other case': [
      `${start}CONTENT-disposition:\r\n FORM-DATA;\r\n\tNAME=a\r\n\r\n1\r\n${end}`,
      { a: '1' },
    ],
    'with names in all notations': [
      ['; name=a', ';name = "b" ;', `; name*=UTF-8''%c3%a4; name="x"`, String.raw`; name="\"\\c\d"`]
        .map((it) => `${start}${disposition(it)}\r\n1\r\n`)
        .join('') + end,
      { a: '1', b: '1', ä: '1', '"\\c\\d': '1' },
    ],
    'with a transfer encoding that changes nothing': [
      `${start}${disposition('; name="a"')}Content-Transfer-Encoding: 8bit\r\n\r\nä\r\n${end}`,
      { a: 'ä' },
    ],
    'in a charset of their own': [
      Buffer.from(
        `${start}${disposition('; name="a"')}Content-Type: text/plain;charset="LATIN1"\r\n\r\nä\r\n${end}`,
        'latin1',
      ),
      { a: 'ä' },
    ],
    'with a boundary of 70 characters': [
      `--${'b'.repeat(70)}\r\n${disposition('; name="a"')}\r\n1\r\n--${'b'.repeat(70)}--`,
      { a: '1' },
      'b'.repeat(70),
    ],
  }
  for (const [name, [body, fields, boundary]] of Object.entries(good)) {
    bothWays(`are read ${name}`, bind, async (send) => {
      const answer = await send(ask(body, boundary))
      expect(answer.json(), answer.text).to.deep.equal({ fields })
    })
  }

  const bad: Record<string, [head: string | Buffer, status?: number, text?: string]> = {
    'without Content-Disposition': [
      'Content-Type: text/plain\r\n',
      400,
      'The form has a part without "Content-Disposition: form-data"',
    ],
    'without header fields': [''],
    'with another disposition': ['Content-Disposition: attachment; name="b"\r\n'],
    'with two dispositions': [
      disposition('; name="a"') + disposition('; name="b"'),
      400,
      'The form has a part with more than one content-disposition',
    ],
    'without a name': [disposition(''), 400, 'The form has a part without a name'],
    'with two names': [disposition('; name="a"; name="b"'), 400, 'The form has a part with more than one name'],
    'with two file names': [disposition('; name="a"; filename="a"; filename="b"')],
    'with a name in pieces': [disposition('; name="a"; filename*0="a"; filename*1="b"')],
    'with a name that does not end': [disposition('; name="a')],
    'with text after a name': [disposition('; name="a"b"')],
    'with a line feed in a name': [disposition('; name="b\nb"')],
    'with a carriage return in a name': [disposition('; name="b\rb"')],
    'with a line feed in a file name': [disposition('; name="b"; filename="b\nb"')],
    'with a NUL in a name': [disposition('; name="b\0b"')],
    'with a line feed after its name': [`${disposition('; name="b"').trim()}\nContent-Type: text/plain\r\n`],
    'with a line that is no field': [`${disposition('; name="b"')}nonsense\r\n`],
    'with a blank before a colon': ['Content-Disposition : form-data; name="b"\r\n'],
    'with a name that is not UTF-8': [
      Buffer.from(disposition('; name="ä"'), 'latin1'),
      400,
      'A name in the form is not utf-8',
    ],
    'with a file name that is not UTF-8': [Buffer.from(disposition('; name="a"; filename="ä"'), 'latin1')],
    'with a file name that is not what it says': [disposition(`; name="a"; filename*=UTF-8''%e4`)],
    'with a file name with a broken escape': [disposition(`; name="a"; filename*=UTF-8''%zz`)],
    'with a file name in a charset that nobody knows': [
      disposition(`; name="a"; filename*=klingon''a`),
      415,
      'The charset of a name in the form is not supported',
    ],
    'in a charset that nobody knows': [
      `${disposition('; name="a"')}Content-Type: text/plain; charset=klingon\r\n`,
      415,
      'The charset of a field is not supported',
    ],
    'with an encoding': [`${disposition('; name="a"')}Content-Transfer-Encoding: base64\r\n`, 415],
    'with more than 50 fields': [disposition('; name="a"') + 'X: a\r\n'.repeat(50), 413],
    'with a head over 16 KiB': [`${disposition('; name="a"')}X: ${'x'.repeat(16 * 1024)}\r\n`, 413],
  }
  for (const [name, [head, status = 400, text]] of Object.entries(bad)) {
    bothWays(`are refused ${name}`, bind, async (send, _, { log }) => {
      const body = Buffer.concat(
        [field('a', '1'), start, head, '\r\nlost\r\n', field('c', '3'), end].map((piece) => Buffer.from(piece)),
      )
      const answer = await send(ask(body))
      expect(answer.status, answer.text).to.equal(status)
      if (text !== undefined) expect(answer.text).to.equal(text)
      expect((await send('/alive')).text).to.equal('alive')
      expect(log.filter(({ level }) => level === 'error')).to.be.empty
    })
  }

  const broken: Record<string, string | Buffer> = {
    'whose bytes are not UTF-8': Buffer.from(field('a', 'ä') + end, 'latin1'),
    'without a blank line': `${start}${disposition('; name="a"')}--XBX--\r\n\r\n`,
    'whose boundary goes on': field('a', '1') + field('b', '2').replace('--XBX', '--XBXX') + end,
    'whose boundary ends in one dash': field('a', '1') + field('b', '2').replace('--XBX', '--XBX-') + end,
    'without an end': field('a', '1'),
    'whose end is incomplete': `${field('a', '1')}--XBX-`,
  }
  for (const [name, body] of Object.entries(broken)) {
    bothWays(`are refused ${name}`, bind, async (send) => {
      const answer = await send(ask(body))
      expect(answer.status, answer.text).to.equal(400)
    })
  }

  bothWays('are called as filename* says, whatever the quotes and the order', bind, async (send) => {
    const extended = "filename*=UTF-8''%E6%96%B0%E5%BB%BA.txt"
    for (const parameters of [
      `; name="f"; filename="fallback.txt"; ${extended}`,
      `; name=f; filename=fallback.txt; ${extended}`,
      `; name="f"; ${extended}; filename="fallback.txt"`,
      `; ${extended.toLowerCase()}; filename="=?utf-8?B?5paw5bu6LnR4dA==?="; name="f"`,
      `; name="f"; ${extended}`,
      `; name="f"; filename*="UTF-8'en'%E6%96%B0%E5%BB%BA.txt"; filename="\ufffd"`,
    ]) {
      const answer = await send(ask(`${start}${disposition(parameters)}\r\nhi\r\n${end}`))
      expect(answer.json(), parameters).to.deep.equal({ fields: {}, files: [['f', '新建.txt', 'text/plain', 2]] })
    }
    const latin1 = await send(ask(`${start}${disposition(`; name=f; filename*=iso-8859-1''%e4.txt`)}\r\nhi\r\n${end}`))
    expect(latin1.json()).to.deep.include({ files: [['f', 'ä.txt', 'text/plain', 2]] })
  })
})
