import { expect } from 'chai'
import { ExampleProcess } from './example-process.ts'
import { ask } from './serve.ts'

describe('examples/02-mvc as a process', function () {
  this.timeout(30_000)

  it('announces its address, answers, and ends with code 0 on Ctrl-C', async () => {
    const mvc = await ExampleProcess.start('02-mvc')
    try {
      expect(await ask(mvc.port, '/')).to.include({ status: 200, text: 'a library of 2 books' })
    } finally {
      expect(await mvc.interrupt()).to.equal(0)
    }
  })
})
