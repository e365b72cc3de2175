import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { build } from '../../examples/14-streams/main.ts'
import { serve } from './serve.ts'

const TEXT = 'text/plain; charset=utf-8'
const JSON_TYPE = 'application/json; charset=utf-8'

describe('examples/14-streams', () => {
  const ask = serve(build)

  const buffered: [path: string, text: string, type?: string][] = [
    ['/text', 'plain text', TEXT],
    ['/html', '<p>markup</p>', 'text/html; charset=utf-8'],
    ['/number', '42'],
    ['/boolean', 'true'],
    ['/json', '{"list":[1,2,3]}', JSON_TYPE],
    ['/buffer', 'bytes'],
    ['/typed-array', 'hi'],
    ['/promise', 'later', TEXT],
    ['/written', 'written in 3 parts', TEXT],
  ]

  for (const [path, text, type] of buffered) {
    it(`sends ${path} whole, with its length`, async () => {
      const answer = await ask(path)
      expect(answer).to.include({ status: 200, text })
      expect(answer.headers['content-length']).to.equal(String(Buffer.byteLength(text)))
      if (type) expect(answer.headers['content-type']).to.equal(type)
    })
  }

  const streamed: [path: string, text: string][] = [
    ['/readable', 'from a Readable'],
    ['/web-stream', 'from a web stream'],
    ['/generator', 'one\ntwo\nthree\n'],
  ]

  for (const [path, text] of streamed) {
    it(`streams ${path}`, async () => {
      const answer = await ask(path)
      expect(answer).to.include({ status: 200, text })
      expect(answer.headers['transfer-encoding']).to.equal('chunked')
    })
  }

  it('sends each piece as soon as there is one', async () => {
    expect((await ask('/generator')).chunks).to.deep.equal(['one\n', 'two\n', 'three\n'])
  })

  it('streams a file', async () => {
    const source = await readFile(new URL('../../examples/14-streams/main.ts', import.meta.url), 'utf8')
    expect((await ask('/file')).text).to.equal(source)
  })

  it('sends a web Response as it is', async () => {
    const answer = await ask('/web-response')
    expect(answer).to.include({ status: 418, text: 'short and stout' })
    expect(answer.headers['x-teapot']).to.equal('yes')

    const json = await ask('/upstream')
    expect(json.headers['content-type']).to.match(/^application\/json/)
    expect(json.json()).to.have.property('from')
  })
})
