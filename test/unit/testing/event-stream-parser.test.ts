import { expect } from 'chai'
import { EventStreamParser, type TestEvent } from '../../../lib/testing/event-stream-parser.ts'

const parse = (text: string, parser = new EventStreamParser()) => parser.push(Buffer.from(text))
const message = (data: string, id = ''): TestEvent => ({ event: 'message', data, id })

describe('EventStreamParser', () => {
  // Those of the HTML Living Standard, section 9.2.6.
  it('reads the examples of the standard', () => {
    expect(parse('data: YHOO\ndata: +2\ndata: 10\n\n')).to.deep.equal([message('YHOO\n+2\n10')])
    expect(
      parse(': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n'),
    ).to.deep.equal([message('first event', '1'), message('second event')])
    expect(parse('data\n\ndata\ndata\n\ndata:')).to.deep.equal([message(''), message('\n')])
    expect(parse('data:test\n\ndata: test\n\n')).to.deep.equal([message('test'), message('test')])
  })

  for (const [name, end] of Object.entries({ LF: '\n', CR: '\r', CRLF: '\r\n' })) {
    it(`takes ${name} for the end of a line, whole and byte by byte`, () => {
      const text = ['event: tick', 'data: a', 'data: b', '', 'data: ä', '', ''].join(end)
      const expected = [{ event: 'tick', data: 'a\nb', id: '' }, message('ä')]
      expect(parse(text)).to.deep.equal(expected)
      const parser = new EventStreamParser()
      expect([...Buffer.from(text)].flatMap((byte) => parser.push(Buffer.of(byte)))).to.deep.equal(expected)
    })
  }

  it('tells an event that ends with CR without waiting for more', () => {
    const parser = new EventStreamParser()
    expect(parse('data: a\r\r', parser)).to.deep.equal([message('a')])
    expect(parse('\ndata: b\r\n\r', parser)).to.deep.equal([message('b')])
    expect(parse('\ndata: c\r\n\r\n', parser)).to.deep.equal([message('c')])
  })

  it('skips a byte order mark at the beginning only', () => {
    expect(parse('\uFEFFdata: a\n\n\uFEFFdata: b\n\n')).to.deep.equal([message('a')])
  })

  it('keeps the last id until there is another, and skips one with NUL', () => {
    const parser = new EventStreamParser()
    expect(parse('id: 1\n\n', parser)).to.deep.equal([])
    expect(parser.lastEventId).to.equal('1')
    expect(parse('data: a\n\nid: 2\0\ndata: b\n\nid\ndata: c\n\n', parser)).to.deep.equal([
      message('a', '1'),
      message('b', '1'),
      message('c'),
    ])
  })

  it('reads a retry of digits only', () => {
    const parser = new EventStreamParser()
    expect(parser.retry).to.equal(undefined)
    parse('retry: 1000\n\nretry: 2s\n\nretry:\n\nretry: -1\n\n', parser)
    expect(parser.retry).to.equal(1000)
  })

  it('forgets the type of an event without data, and skips what it does not know', () => {
    expect(parse('event: a\n\ndata: b\n\n')).to.deep.equal([message('b')])
    expect(parse('other: x\nDATA: y\n data: z\ndata: b: c\n\n')).to.deep.equal([message('b: c')])
  })
})
